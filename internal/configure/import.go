package configure

import (
	"context"
	"net/url"
	"slices"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/securefile"
	"github.com/o365aws/o365aws/internal/termtext"
)

// ImportAzureLogin reports which profiles of aws-azure-login work unchanged,
// and writes what the settings add to them. With move, passwords go from the
// config file into the secret stores of their profiles.
func ImportAzureLogin(ctx context.Context, env Env, s Settings, move bool, o Options) error {
	config, err := awsconfig.ReadFile(env.Paths.Config)
	if err != nil {
		return err
	}
	found, err := FromAzureLogin(config, s, move)
	if err != nil {
		return err
	}
	env.showImport(found)
	if move && !o.dryRun() {
		if err := movePasswords(ctx, env, found.Passwords); err != nil {
			return err // the file still has them
		}
	}
	if len(found.Plan.Profiles) == 0 {
		return nil
	}
	found.Plan.Force = o.Force
	_, err = write(ctx, env, found.Plan, o)
	return err
}

// ImportSaml2aws writes a profile for each AzureAD account in the settings file
// of saml2aws.
func ImportSaml2aws(ctx context.Context, env Env, file string, s Settings, o Options) error {
	data, err := securefile.Read(file)
	if err != nil {
		return fault.Wrap(fault.Config, err, "cannot read the settings of saml2aws", "pass --file")
	}
	accounts, others, err := Accounts(data)
	for _, i := range others {
		env.Say("Ignored: %s", i)
	}
	if err != nil {
		return err
	}
	tenants, err := tenantsOf(ctx, env, accounts)
	if err != nil {
		return err
	}
	s.RegionFor = func(roleARN, cloud string) string { return RegionFor(env.Paths, roleARN, cloud) }
	found, err := FromSaml2aws(accounts, tenants, s)
	if err != nil {
		return err
	}
	env.showImport(found)
	found.Plan.Force = o.Force
	written, err := write(ctx, env, found.Plan, o)
	if written {
		env.Say("Next: o365aws login --profile %s", termtext.ShellWord(found.Plan.Profiles[0].Name))
	}
	return err
}

// ImportShared writes profiles that were exported, from a file or an https
// address. Unless yes is set, it shows the changes with their publisher and asks
// first. With yes it writes only new profiles, unless o.Overwrite is set.
func ImportShared(ctx context.Context, env Env, from string, s Settings, yes bool, o Options) error {
	if s.Username != "" {
		if _, err := CheckEmail(s.Username); err != nil {
			return err
		}
	}
	data, err := Read(ctx, env.Client, from)
	if err != nil {
		return err
	}
	plan, ignored, err := FromShared(data, s)
	env.showIgnored(ignored)
	if err != nil {
		return err
	}
	plan.Force = o.Force
	switch {
	case o.dryRun():
	case !yes:
		if agreed, err := confirm(ctx, env, plan, publisher(from)); err != nil || !agreed {
			return err
		}
	case !o.Overwrite:
		if err := onlyNew(env, plan, publisher(from)); err != nil {
			return err
		}
	}
	_, err = write(ctx, env, plan, o)
	return err
}

// publisher names where shared profiles come from.
func publisher(from string) string {
	if u, err := url.Parse(from); err == nil && u.Host != "" {
		return u.Host
	}
	return "the file " + from
}

// onlyNew refuses a plan that changes an existing profile, or the one that AWS
// tools use by default: it could move the user's work to another account.
func onlyNew(env Env, plan Plan, publisher string) error {
	before, err := awsconfig.ReadFile(env.Paths.Config)
	if err != nil {
		return err
	}
	after, err := plan.Apply(before)
	if err != nil {
		return unwritable(env.Paths.Config, err)
	}
	var changed []string
	for _, p := range plan.Profiles {
		old, existed := awsconfig.FindProfile(awsconfig.Sections(before), p.Name)
		planned, _ := awsconfig.FindProfile(awsconfig.Sections(after), p.Name)
		if (existed || p.Name == "default") && !slices.Equal(old.KVs, planned.KVs) {
			changed = append(changed, p.Name)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return fault.Newf(fault.Config, "%s would change %s", termtext.Printable(publisher, maxMessage), ProfileList(changed)).
		Hint("run the command without --yes to see the changes, or add --overwrite to accept them")
}

func (e Env) showImport(found Import) {
	for _, line := range found.Works {
		e.Say("%s", termtext.Printable(line, maxMessage))
	}
	e.showIgnored(found.Ignored)
}

func (e Env) showIgnored(ignored []Ignored) {
	for _, i := range ignored {
		e.Say("Ignored: %s", termtext.Printable(i.String(), maxMessage))
	}
}

// movePasswords puts passwords into the secret stores of their profiles.
func movePasswords(ctx context.Context, env Env, passwords []Password) error {
	for _, p := range passwords {
		profile, err := awsconfig.Load(env.Paths, env.Getenv, p.Profile, nil)
		if err != nil {
			return err
		}
		kind := env.Login.Stores.Kind(profile.Store)
		if kind == "none" {
			return fault.Newf(fault.Config, "profile %q has no secret store (o365aws_store = none)", p.Profile).
				Hint("set o365aws_store = keychain or file")
		}
		if err := env.Login.Identity(profile).SavePassword(ctx, p.Value); err != nil {
			return fault.Wrap(fault.Config, err, "cannot move the password; the config file is unchanged",
				"to check the keychain: o365aws doctor", "or set o365aws_store = file, which needs no keychain")
		}
		env.Say("Moved the password of profile %s to the %s.", p.Profile, keychain.Names[kind])
	}
	return nil
}

// tenantsOf finds the tenant of each account's user.
func tenantsOf(ctx context.Context, env Env, accounts []Account) (map[string]entra.Tenant, error) {
	found := map[string]entra.Tenant{}
	for _, a := range accounts {
		email := a.Section.Get("username")
		if _, ok := found[email]; ok {
			continue
		}
		domain, err := CheckEmail(email)
		if err != nil {
			return nil, err
		}
		if found[email], err = entra.FindTenant(ctx, env.Client, entra.Clouds(), domain, ""); err != nil {
			return nil, err
		}
	}
	return found, nil
}
