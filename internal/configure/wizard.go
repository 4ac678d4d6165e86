package configure

import (
	"cmp"
	"context"
	"io"
	"net/http"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/termtext"
)

// maxMessage is the maximum width of untrusted text in a message, in columns.
const maxMessage = 600

// Prompter prompts the user. Without a terminal, it returns an error of kind
// fault.NeedsInput.
type Prompter interface {
	Answer(ctx context.Context, question string, hints ...string) (string, error)
	Confirm(ctx context.Context, question string) (bool, error)
	Choose(ctx context.Context, title string, choices []entra.Choice) (int, error)
}

// Env holds the dependencies of the commands that write profiles.
type Env struct {
	Paths  awsconfig.Paths
	Getenv awsconfig.Env
	Client *http.Client
	Login  login.Env
	Prompt Prompter
	Stdout io.Writer
	// CheckApplication returns an error if Microsoft does not know the tenant or the
	// application of a profile. It does not sign in.
	CheckApplication func(ctx context.Context, p awsconfig.Profile) error
	// Say writes a message to the user. SayLine writes a line that must not be wrapped.
	Say     func(format string, args ...any)
	SayLine func(line string)
}

// Options determines how a plan is executed.
type Options struct {
	Print, Diff bool // show the result instead of writing it
	Force       bool // also change profiles that get credentials from another source
	Overwrite   bool // also change existing profiles without confirmation
}

func (o Options) dryRun() bool { return o.Print || o.Diff }

// Request is a run of configure.
type Request struct {
	Options
	Settings     Settings
	Profile      string // the profile, or the base of several profiles
	Email        string
	Tenant       string // GUID or domain
	AccessURL    string // link of the AWS tile on My Apps
	Role         string
	AllRoles     bool
	NameTemplate string
	NoSignIn     bool
}

// wizard is a run of configure. It reads values that the request does not set from the
// config file, or prompts for them.
type wizard struct {
	Env
	Request
	present  awsconfig.Section // section of the profile in the file
	onDevice bool              // the account is signed in to the device, so no password is needed
	offer    login.Offer
	roles    []saml.Role // that get a profile
	// defaultRole is the role of the default profile, if several roles get a profile.
	defaultRole saml.Role
}

// Run finds the tenant, signs in, writes the profiles of the chosen roles and
// stores the credentials of the last one.
func Run(ctx context.Context, env Env, r Request) error {
	config, err := awsconfig.ReadFile(env.Paths.Config)
	if err != nil {
		return err
	}
	w := &wizard{Env: env, Request: r, present: Section(config, r.Profile)}
	if err := w.check(); err != nil {
		return err
	}
	if err := w.findTenant(ctx); err != nil {
		return err
	}
	if err := w.signIn(ctx); err != nil {
		return err
	}
	if err := w.chooseDefault(ctx); err != nil {
		return err
	}
	if err := w.chooseRegion(ctx); err != nil {
		return err
	}
	plan, err := w.plan()
	if err != nil || ctx.Err() != nil {
		return cmp.Or(err, ctx.Err())
	}
	if written, err := write(ctx, env, plan, w.Options); err != nil || !written {
		return err
	}
	return w.finish(ctx, plan)
}

// check returns an error if the profiles cannot be written, before the user signs in.
func (w *wizard) check() error {
	if err := CheckTemplate(w.NameTemplate); err != nil {
		return err
	}
	p, err := w.Settings.Base(w.Profile)
	if err != nil {
		return err
	}
	if w.AllRoles {
		p.Unset, p.Set = nil, nil // the base has no credential_process
	}
	if _, err = dryRun(w.Paths, Plan{Profiles: []Profile{p}, Force: w.Force}, w.Options); err != nil {
		return err
	}
	if w.Settings.Style == File && !w.dryRun() {
		return awsconfig.CanWriteCredentials(w.Paths, w.Profile)
	}
	return nil
}

// findTenant finds the tenant by the link of a tile, by its name, or by the
// domain of the e-mail address.
func (w *wizard) findTenant(ctx context.Context) error {
	tenant := w.Tenant
	if w.AccessURL != "" {
		found, err := ParseAccessURL(w.AccessURL)
		if err != nil {
			return err
		}
		tenant = cmp.Or(tenant, found.TenantID)
		w.Say(
			"The link belongs to application %s. It does not contain the identifier; using %s.", found.AppID,
			cmp.Or(w.Settings.AppIDURI, w.present.Get("azure_app_id_uri"), DefaultAppIDURI),
		)
	}
	email := cmp.Or(w.Email, w.present.Get("azure_default_username"), w.Getenv("AZURE_DEFAULT_USERNAME"))
	if email == "" && (tenant == "" || w.AccessURL == "") {
		found := ""
		var err error
		if email, found, err = w.chooseAccount(ctx, tenant); err != nil {
			return err
		}
		tenant, w.onDevice = cmp.Or(tenant, found), found != ""
	}
	if email != "" {
		domain, err := CheckEmail(email)
		if err != nil {
			return err
		}
		tenant = cmp.Or(tenant, domain)
	}
	tenant, err := CheckTenant(tenant)
	if err != nil {
		return err
	}
	w.Settings.Username = email
	return w.discover(ctx, tenant, email)
}

func (w *wizard) discover(ctx context.Context, tenant, email string) error {
	clouds := entra.Clouds()
	if w.Settings.Cloud != "" {
		cloud, ok := entra.CloudByName(w.Settings.Cloud)
		if !ok {
			return fault.Newf(fault.Config, "unknown --cloud %q", w.Settings.Cloud).
				Hint("use global, usgov or china")
		}
		clouds = []entra.Cloud{cloud}
	}
	done := progress.Step(ctx, "Looking up the tenant")
	found, err := entra.FindTenant(ctx, w.Client, clouds, tenant, email)
	done()
	if err != nil {
		return err
	}
	w.Settings.TenantID, w.Settings.Cloud = found.ID, found.Cloud.Name
	w.describe(found)
	if found.SignInHost == "" || w.onDevice || len(w.Settings.LoginHosts) > 0 ||
		w.present.Get("o365aws_login_hosts") != "" {
		return nil
	}
	yes, err := w.Prompt.Confirm(ctx, "Allow o365aws to enter your password at "+found.SignInHost+"?")
	if fault.KindOf(err) == fault.NeedsInput {
		w.Say(
			"o365aws: hint: pass --login-host %s, or use --browser visible or system",
			found.SignInHost,
		)
		return nil
	}
	if yes {
		w.Settings.LoginHosts = []string{found.SignInHost}
	}
	return err
}

// describe shows the tenant.
func (w *wizard) describe(found entra.Tenant) {
	tenant, server := "Tenant "+found.ID, "Microsoft"
	if found.Name != found.ID {
		tenant += " (" + termtext.Printable(found.Name, 100) + ")"
	}
	if found.Federated {
		server = cmp.Or(found.SignInHost, "your organization's own server")
	}
	w.Say("%s in Microsoft's %s cloud. Passwords are entered at %s.", tenant, found.Cloud.Name, server)
}

// signIn signs in once and selects the roles.
func (w *wizard) signIn(ctx context.Context) error {
	if w.NoSignIn {
		if w.AllRoles {
			return fault.New(fault.Config, "--all-roles requires a sign-in", "remove --no-sign-in")
		}
		w.Settings.RoleARN = w.Role
		return nil
	}
	s := w.Settings
	draft, err := awsconfig.Draft(w.Paths, w.Getenv, w.Profile, awsconfig.Flags{
		"azure_tenant_id": s.TenantID, "azure_default_username": s.Username, "azure_app_id_uri": s.AppIDURI,
		"o365aws_cloud": s.Cloud, "o365aws_browser": s.Browser,
		"region": cmp.Or(s.Region, w.present.Get("region"), RegionFor(w.Paths, "", s.Cloud)),
	})
	if err != nil {
		return err
	}
	if err := login.CheckSTS(ctx, w.Login, draft); err != nil {
		return err
	}
	draft.LoginHosts = append(draft.LoginHosts, w.Settings.LoginHosts...)
	if w.offer, err = login.Roles(ctx, w.Login, login.Request{Profile: draft}); err != nil {
		return err
	}
	if w.Settings.Username == "" {
		w.Settings.Username = w.offer.SessionName
	}
	return w.selectRoles(ctx)
}

// selectRoles prompts for the roles roles that get a profile, unless the flags name them.
func (w *wizard) selectRoles(ctx context.Context) error {
	offered, all := w.offer.Roles, w.AllRoles
	if !all && w.Role == "" && len(offered) > 1 {
		var err error
		if all, err = w.confirmAll(ctx); err != nil {
			return err
		}
	}
	if all && len(offered) > 0 {
		w.roles = offered
		return nil
	}
	role, err := w.offer.Choose(ctx, w.Role, w.present.Get("azure_default_role_arn"))
	w.roles, w.Settings.RoleARN = []saml.Role{role}, role.ARN
	return err
}

// plan returns the profiles to write: one, or a base and one for each role.
func (w *wizard) plan() (Plan, error) {
	base := w.Settings
	single := w.Settings.RoleARN != "" || len(w.roles) == 0
	if !single {
		base.RoleARN = w.defaultRole.ARN
	}
	if !single && base.RoleARN == "" {
		base.Style = "" // the base has no role
	}
	p, err := base.Base(w.Profile)
	plan := Plan{Profiles: []Profile{p}, Force: w.Force}
	if err != nil || single {
		return plan, err
	}
	roles := w.rolesOf(w.roles)
	names, err := Names(w.NameTemplate, roles)
	if err != nil {
		return Plan{}, err
	}
	for i, role := range roles {
		p, err := w.Settings.ForRole(names[i], w.Profile, role)
		if err != nil {
			return Plan{}, err
		}
		plan.Profiles = append(plan.Profiles, p)
	}
	return plan, nil
}

// finish stores the credentials of the default profile, or else of the last one, and
// shows the next command. Without a keychain, nothing else of the sign-in is stored.
func (w *wizard) finish(ctx context.Context, plan Plan) error {
	name, next := w.Profile, "o365aws login"
	if len(w.roles) > 0 {
		target, role := plan.Profiles[len(plan.Profiles)-1].Name, w.roles[len(w.roles)-1]
		if w.defaultRole.ARN != "" {
			target, role = w.Profile, w.defaultRole
		}
		err := w.storeCredentials(ctx, target, role)
		switch {
		case err == nil:
			name, next = target, "aws sts get-caller-identity"
		case len(w.roles) == 1, ctx.Err() != nil:
			return err
		default: // the other profiles are unaffected
			w.Say("%s", termtext.Printable(err.Error(), maxMessage))
		}
	}
	if name != "default" {
		next += " --profile " + termtext.ShellWord(name)
	}
	w.Say("Next: %s", next)
	return nil
}

// storeCredentials assumes the role of a profile that has been written.
func (w *wizard) storeCredentials(ctx context.Context, name string, role saml.Role) error {
	profile, err := awsconfig.Load(w.Paths, w.Getenv, name, nil)
	if err == nil {
		_, err = w.offer.Assume(ctx, profile, role)
	}
	if err == nil {
		w.Say(
			"Signed in as %s: role %s in account %s.", termtext.Printable(w.offer.SessionName, 100), role.Name(),
			role.Account(),
		)
	}
	return err
}
