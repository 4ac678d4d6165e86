package configure

import (
	"cmp"
	"context"
	"fmt"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/termtext"
)

// rolesOf returns the roles with the parts that profile names consist of.
func (w *wizard) rolesOf(offered []saml.Role) []Role {
	aliases := awsconfig.AccountNames(w.Paths)
	roles := make([]Role, len(offered))
	for i, r := range offered {
		roles[i] = Role{ARN: r.ARN, Account: r.Account(), Alias: aliases[r.Account()], Name: r.Name()}
	}
	return roles
}

// confirmAll shows the profiles of all roles and asks whether to write them.
func (w *wizard) confirmAll(ctx context.Context) (bool, error) {
	names, err := Names(w.NameTemplate, w.rolesOf(w.offer.Roles))
	if err != nil {
		return false, err
	}
	w.Say("Your roles become %s.", ProfileList(names))
	yes, err := w.Prompt.Confirm(
		ctx, fmt.Sprintf("You have %d roles. Write a profile for each of them?", len(names)),
	)
	if fault.KindOf(err) == fault.NeedsInput {
		return false, nil
	}
	return yes, err
}

// chooseDefault asks which of the roles the default profile assumes, so that commands
// without --profile work.
func (w *wizard) chooseDefault(ctx context.Context) error {
	if w.Profile != "default" || len(w.roles) < 2 {
		return nil
	}
	names, err := Names(w.NameTemplate, w.rolesOf(w.roles))
	if err != nil {
		return err
	}
	choices := make([]entra.Choice, len(names), len(names)+1)
	for i, name := range names {
		choices[i] = entra.Choice{Label: name}
	}
	choices = append(choices, entra.Choice{Label: "none (every command needs --profile)"})
	i, err := w.Prompt.Choose(ctx, "Default profile", choices)
	if fault.KindOf(err) == fault.NeedsInput {
		return nil
	}
	if err == nil && i < len(w.roles) {
		w.defaultRole = w.roles[i]
	}
	return err
}

// badRegions is the maximum number of attempts to enter a region.
const badRegions = 3

// chooseRegion prompts for a region if neither a flag, the environment nor the profile
// sets one.
func (w *wizard) chooseRegion(ctx context.Context) error {
	w.Settings.Region = cmp.Or(w.Settings.Region, w.present.Get("region"))
	if w.Settings.Region != "" {
		return nil
	}
	role := ""
	if len(w.roles) > 0 {
		role = w.roles[0].ARN
	}
	fallback := RegionFor(w.Paths, role, w.Settings.Cloud)
	for range badRegions {
		region, err := w.Prompt.Answer(ctx, fmt.Sprintf("AWS region [%s]: ", fallback), "pass --region")
		if fault.KindOf(err) == fault.NeedsInput {
			break
		}
		if err != nil {
			return err
		}
		region = cmp.Or(region, fallback)
		if err = login.CheckSTS(ctx, w.Login, awsconfig.Profile{Region: region}); err == nil {
			w.Settings.Region = region
			return nil
		}
		w.Say("%s", termtext.Printable(err.Error(), maxMessage))
	}
	w.Settings.Region = fallback
	w.Say("No region is set; using %s for profile %s. To change it, pass --region.", fallback, w.Profile)
	return nil
}
