package configure

import (
	"cmp"
	"context"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/broker"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/progress"
)

// chooseAccount prompts for the account to set up. It offers those that are signed in to
// the device; without a terminal it uses the only one. The tenant is "" for an address
// that the user entered.
func (w *wizard) chooseAccount(ctx context.Context, tenant string) (email, tenantID string, err error) {
	const hint = "pass --email"
	accounts := w.deviceAccounts(ctx, tenant)
	if len(accounts) > 0 {
		choices, names := make([]entra.Choice, len(accounts)), make([]string, len(accounts))
		for i, a := range accounts {
			choices[i], names[i] = entra.Choice{Label: a.Username + " (signed in to this device)"}, a.Username
		}
		i, err := w.Prompt.Choose(ctx, "Account", append(choices, entra.Choice{Label: "another account"}))
		switch {
		case fault.KindOf(err) == fault.NeedsInput && len(accounts) > 1:
			return "", "", fault.Newf(
				fault.NeedsInput, "this device is signed in with several accounts: %s", strings.Join(names, ", "),
			).Hint(hint)
		case fault.KindOf(err) == fault.NeedsInput:
			i = 0
		case err != nil:
			return "", "", err
		}
		if i < len(accounts) {
			w.Say("Using %s, which is signed in to this device.", names[i])
			return names[i], accounts[i].TenantID, nil
		}
	}
	email, err = w.Prompt.Answer(ctx, "E-mail address: ", hint)
	return email, "", err
}

// deviceAccounts returns the accounts that are signed in to the device, limited to a
// tenant if one is known.
func (w *wizard) deviceAccounts(ctx context.Context, tenant string) []broker.Account {
	// The tenant is not known yet; Draft accepts any.
	p, err := awsconfig.Draft(w.Paths, w.Getenv, w.Profile, awsconfig.Flags{"azure_tenant_id": "tenant.invalid"})
	if err != nil || p.Device == "none" || cmp.Or(w.Settings.Cloud, p.Cloud) != "global" {
		return nil // the sign-in reports the error of Draft
	}
	defer progress.Step(ctx, "Looking for accounts of this device")()
	state, err := broker.Inspect(ctx, broker.Options{
		Getenv: w.Getenv, Limit: broker.NonInteractiveLimit, Log: w.Login.Log,
	})
	if err != nil {
		w.Login.Log.Info("no accounts of this device", "reason", err)
	}
	var accounts []broker.Account
	for _, a := range state.Accounts {
		domain, err := CheckEmail(a.Username)
		matches := tenant == "" || strings.EqualFold(tenant, a.TenantID) || strings.EqualFold(tenant, domain)
		if err == nil && entra.IsGUID(a.TenantID) && matches {
			accounts = append(accounts, a)
		}
	}
	return accounts
}
