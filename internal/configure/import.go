package configure

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/securefile"
	"github.com/o365aws/o365aws/internal/termtext"
)

// ImportAzureLogin reports which profiles of aws-azure-login work, and adds settings to
// them. With move, it moves passwords from the config file to the secret stores of their
// profiles. A profile that does not work does not affect the others.
func ImportAzureLogin(ctx context.Context, env Env, s Settings, move bool, o Options) error {
	f, err := readFiles(env.Paths)
	if err != nil {
		return err
	}
	found, err := FromAzureLogin(f, s, move)
	if err != nil {
		return err
	}
	unparsed := awsconfig.Check(f.config)
	if unparsed == nil {
		f.dropRefused(&found, "left unchanged", o.Force)
	}
	env.checkApplications(ctx, found.Verdicts)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	found.Plan.Profiles = slices.DeleteFunc(found.Plan.Profiles, func(p Profile) bool {
		return slices.ContainsFunc(found.Verdicts, func(v Verdict) bool {
			return failed(v) && v.Profile.Name == p.Name
		})
	})
	env.showImport(found)
	if unparsed != nil {
		return fault.Wrap(fault.Config, unparsed, "some AWS tools cannot parse the config file", "fix that line first")
	}
	if move && !o.dryRun() {
		if err := movePasswords(ctx, env, found); err != nil {
			return err // the file still has them
		}
	}
	return env.finishImport(ctx, found, o, fault.Unsatisfied, "profiles do not work")
}

// ImportSaml2aws writes a profile for each AzureAD account in the settings file of
// saml2aws. An account that cannot be imported does not affect the others.
func ImportSaml2aws(ctx context.Context, env Env, file string, s Settings, o Options) error {
	data, err := securefile.Read(file)
	if err != nil {
		return fault.Wrap(fault.Config, err, "cannot read the settings of saml2aws", "pass --file")
	}
	data, _ = termtext.Decode(data)
	accounts, others, err := Accounts(data)
	for _, i := range others {
		env.Say("Ignored: %s", i)
	}
	if err != nil {
		return err
	}
	f, err := readFiles(env.Paths)
	if err != nil {
		return err
	}
	s.RegionFor = func(roleARN, cloud string) string { return RegionFor(env.Paths, roleARN, cloud) }
	found := FromSaml2aws(accounts, tenantFinder(ctx, env), s)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f.dropRefused(&found, notImported, o.Force)
	env.showImport(found)
	kind := fault.Config
	if i := slices.IndexFunc(found.Verdicts, failed); i >= 0 {
		kind = fault.KindOf(found.Verdicts[i].Err)
	}
	return env.finishImport(ctx, found, o, kind, "accounts were not imported")
}

func failed(v Verdict) bool { return v.Err != nil }

// files holds the AWS files before a change.
type files struct {
	paths               awsconfig.Paths
	config, credentials []byte
}

func readFiles(paths awsconfig.Paths) (files, error) {
	config, err := awsconfig.ReadFile(paths.Config)
	if err != nil {
		return files{}, err
	}
	credentials, err := awsconfig.ReadFile(paths.Credentials)
	return files{paths, config, credentials}, err
}

// dropRefused removes from a plan the profiles that cannot be changed, so that the others
// can.
func (f files) dropRefused(found *Import, text string, force bool) {
	found.Plan.Force = force
	found.Plan.Profiles = slices.DeleteFunc(found.Plan.Profiles, func(p Profile) bool {
		plan := Plan{Profiles: []Profile{p}, Force: force}
		path := f.paths.Config
		_, err := plan.Apply(f.config)
		if err == nil {
			path = f.paths.Credentials
			_, err = plan.Unshadow(f.credentials)
		}
		if err == nil {
			return false
		}
		for i := range found.Verdicts {
			if v := &found.Verdicts[i]; v.Profile.Name == p.Name && v.Err == nil {
				v.Text, v.Err = text, unwritable(path, err)
			}
		}
		return true
	})
}

// checkApplications looks up the tenant and the application of each profile that works.
func (e Env) checkApplications(ctx context.Context, verdicts []Verdict) {
	results := map[string]error{}
	for i := range verdicts {
		v := &verdicts[i]
		p := v.Profile
		if v.Err != nil {
			continue
		}
		key := strings.ToLower(p.Cloud + " " + p.TenantID + " " + p.AppIDURI)
		err, done := results[key]
		if !done {
			err = e.CheckApplication(ctx, p)
			results[key] = err
		}
		if ctx.Err() != nil {
			return
		}
		if fault.KindOf(err) == fault.Network {
			e.Say("Tenants and applications were not checked: %v", err)
			return
		}
		if err != nil {
			v.Text, v.Err = "does not work", err
		}
	}
}

// finishImport writes the plan, names the next command, and returns an error if profiles
// failed.
func (e Env) finishImport(ctx context.Context, found Import, o Options, kind fault.Kind, text string) error {
	if len(found.Plan.Profiles) > 0 {
		if _, err := write(ctx, e, found.Plan, o); err != nil {
			return err
		}
	}
	var names []string
	failures := 0
	for _, v := range found.Verdicts {
		if v.Err == nil {
			names = append(names, v.Profile.Name)
		} else {
			failures++
		}
	}
	switch {
	case len(names) == 0:
	case o.dryRun() && len(found.Plan.Profiles) > 0:
		e.Say("Next: to write these changes, run the command without --diff and --print.")
	case len(names) == 1:
		e.Say("Next: o365aws login --profile %s", termtext.ShellWord(names[0]))
	default:
		e.Say("Next: o365aws login --all-profiles")
	}
	if failures == 0 {
		return nil
	}
	return fault.Newf(kind, "%d of %d %s", failures, len(found.Verdicts), text).
		Hint("fix the settings that the messages above name, then run the command again")
}

// ImportShared writes profiles that were exported, from a file or an https address.
// Unless yes is set, it first shows the changes with their publisher and asks for
// confirmation. With yes, it writes only new profiles unless o.Overwrite is set.
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

// publisher returns the publisher of shared profiles: a host or a file.
func publisher(from string) string {
	if u, err := url.Parse(from); err == nil && u.Host != "" {
		return u.Host
	}
	return "the file " + from
}

// onlyNew returns an error for a plan that changes an existing profile, or the one that
// AWS tools use by default, because it could redirect the user's work to another account.
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
	for _, v := range found.Verdicts {
		e.Say("%s", termtext.Printable(v.String(), maxMessage))
	}
	e.showIgnored(found.Ignored)
}

func (e Env) showIgnored(ignored []Ignored) {
	for _, i := range ignored {
		e.Say("Ignored: %s", termtext.Printable(i.String(), maxMessage))
	}
}

// movePasswords stores the passwords of the profiles in the plan in their secret stores.
func movePasswords(ctx context.Context, env Env, found Import) error {
	for _, p := range found.Passwords {
		if !slices.ContainsFunc(found.Plan.Profiles, func(planned Profile) bool { return planned.Name == p.Profile }) {
			continue
		}
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

// tenantFinder returns a function that finds the tenant of a user. It looks up each domain
// once, and stops after a network failure.
func tenantFinder(ctx context.Context, env Env) func(email string) (entra.Tenant, error) {
	type result struct {
		entra.Tenant
		err error
	}
	results := map[string]result{}
	var down error
	return func(email string) (entra.Tenant, error) {
		domain, err := CheckEmail(email)
		if err = cmp.Or(err, down); err != nil {
			return entra.Tenant{}, err
		}
		r, done := results[domain]
		if !done {
			r.Tenant, r.err = entra.FindTenant(ctx, env.Client, entra.Clouds(), domain, "")
			results[domain] = r
		}
		if fault.KindOf(r.err) == fault.Network {
			down = r.err
		}
		return r.Tenant, r.err
	}
}
