package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"runtime"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awspaths"
	"github.com/o365aws/o365aws/internal/configure"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/saml"
)

// wizard is one run of configure: what flags, file and person have answered.
type wizard struct {
	*session
	c        *cli.Context
	paths    awsconfig.Paths
	name     string            // of the profile, or of the base of all
	present  awsconfig.Section // as it is in the file
	client   *http.Client
	deps     login.Deps
	person   *prompt.Terminal
	settings configure.Settings

	offer login.Offer
	roles []saml.Role // that get a profile
	plan  configure.Plan
}

func (s *session) wizard(c *cli.Context) (*wizard, error) {
	paths, err := s.paths()
	if err != nil {
		return nil, err
	}
	w := &wizard{session: s, c: c, paths: paths, name: awspaths.Profile(common(c, "profile"), s.Getenv)}
	config, err := readConfig(paths)
	if err != nil {
		return nil, err
	}
	w.present = sectionOf(config, w.name)
	if w.client, err = s.client(c); err != nil {
		return nil, err
	}
	ask, err := s.asker(false)
	if err != nil {
		return nil, err
	}
	w.person = ask.terminal
	if w.deps, err = s.deps(paths); err != nil {
		return nil, err
	}
	w.deps.Ask = ask.terminal
	if w.settings, err = s.settings(c); err != nil {
		return nil, err
	}
	return w, w.check()
}

// check says what would keep the profiles from being written, as far as that
// is known before anybody signs in for them.
func (w *wizard) check() error {
	if err := configure.CheckTemplate(w.c.String("name-template")); err != nil {
		return err
	}
	p, err := w.settings.Base(w.name)
	if err != nil {
		return err
	}
	if w.c.Bool("all-roles") {
		p.Unset, p.Set = nil, nil // it has no credential_process of its own
	}
	if _, err = rehearse(w.c, w.paths, configure.Plan{Profiles: []configure.Profile{p}, Force: w.c.Bool("force")}); err != nil {
		return err
	}
	if w.settings.Style == configure.File && !w.c.Bool("print") && !w.c.Bool("diff") {
		return awsconfig.CanWriteCredentials(w.paths, w.name)
	}
	return nil
}

// settings are what the flags of all commands that write profiles say.
func (s *session) settings(c *cli.Context) (configure.Settings, error) {
	how, err := style(c, configure.Process)
	if err != nil {
		return configure.Settings{}, err
	}
	executable, err := s.Executable()
	if err != nil {
		return configure.Settings{}, err
	}
	lasting, err := duration(c)
	if err != nil {
		return configure.Settings{}, err
	}
	region := common(c, "region")
	return configure.Settings{
		SetRegion: region != "",
		AppIDURI: c.String(
			"app-id-uri",
		), Cloud: c.String("cloud"), Browser: c.String("browser"), LoginHosts: c.StringSlice("login-host"),
		Duration: lasting, Style: how, Region: cmp.Or(region, s.Getenv("AWS_REGION"), s.Getenv("AWS_DEFAULT_REGION")),
		ProcessCommand: configure.ProcessCommand(executable, runtime.GOOS),
	}, nil
}

// find finds the tenant: by the address of a tile, by --tenant, or by the
// domain of the e-mail address.
func (w *wizard) find(ctx context.Context) error {
	tenant := w.c.String("tenant")
	if address := w.c.String("url"); address != "" {
		found, err := configure.ParseAccessURL(address)
		if err != nil {
			return err
		}
		tenant = cmp.Or(tenant, found.TenantID)
		w.say(
			"The link is of application %s. Its identifier is not in it: %s is taken.", found.AppID,
			cmp.Or(w.settings.AppIDURI, w.present.Get("azure_app_id_uri"), configure.DefaultAppIDURI),
		)
	}
	email := cmp.Or(w.c.String("email"), w.present.Get("azure_default_username"), w.Getenv("AZURE_DEFAULT_USERNAME"))
	if email == "" && (tenant == "" || w.c.String("url") == "") {
		var err error
		if email, err = w.person.Answer(ctx, "E-mail address: ", "pass --email"); err != nil {
			return err
		}
	}
	if email != "" {
		domain, err := configure.CheckEmail(email)
		if err != nil {
			return err
		}
		tenant = cmp.Or(tenant, domain)
	}
	tenant, err := configure.CheckTenant(tenant)
	if err != nil {
		return err
	}
	w.settings.Username = email
	return w.discover(ctx, tenant, email)
}

func (w *wizard) discover(ctx context.Context, tenant, email string) error {
	clouds := entra.Clouds()
	if w.settings.Cloud != "" {
		cloud, ok := entra.CloudByName(w.settings.Cloud)
		if !ok {
			return usage("--cloud %q is unknown", w.settings.Cloud).Hint("it is global, usgov or china")
		}
		clouds = []entra.Cloud{cloud}
	}
	found, err := entra.FindTenant(ctx, w.client, clouds, tenant, email)
	if err != nil {
		return err
	}
	w.settings.TenantID, w.settings.Cloud = found.ID, found.Cloud.Name
	w.tell(found)
	if found.SignInHost == "" || w.c.IsSet("login-host") || w.present.Get("o365aws_login_hosts") != "" {
		return nil
	}
	yes, err := w.person.Confirm(ctx, "May your password be typed at "+found.SignInHost+"?")
	if fault.KindOf(err) == fault.NeedsInput {
		w.say(
			"o365aws: hint: the sign-in needs --login-host %s, unless it is --browser visible or system",
			found.SignInHost,
		)
		return nil
	}
	if yes {
		w.settings.LoginHosts = []string{found.SignInHost}
	}
	return err
}

// tell says what was found.
func (w *wizard) tell(found entra.Tenant) {
	what, asks := "Tenant "+found.ID+" is", "Microsoft"
	if found.Name != found.ID {
		what = termtext.Printable(found.Name, 100) + " is tenant " + found.ID
	}
	if found.Federated {
		asks = "The company's own " + cmp.Or(found.SignInHost, "server")
	}
	w.say("%s in Microsoft's %s cloud.", what, found.Cloud.Name)
	w.say("%s asks for the password.", asks)
}

// signIn signs in once and has the roles chosen.
func (w *wizard) signIn(ctx context.Context) error {
	if w.c.Bool("no-sign-in") {
		if w.c.Bool("all-roles") {
			return usage("--all-roles has to sign in to know the roles").Hint("leave --no-sign-in out")
		}
		w.settings.RoleARN = w.c.String("role")
		return nil
	}
	draft, err := awsconfig.Draft(w.paths, w.Getenv, w.name, awsconfig.Flags{
		"azure_tenant_id": w.settings.TenantID, "azure_default_username": w.settings.Username, "azure_app_id_uri": w.settings.AppIDURI,
		"o365aws_cloud": w.settings.Cloud, "o365aws_browser": w.settings.Browser, "region": cmp.Or(w.settings.Region, w.present.Get("region"), regionFor(w.paths, "", w.settings.Cloud)),
	})
	if err != nil {
		return err
	}
	if err := login.CheckSTS(ctx, w.deps, draft); err != nil {
		return err
	}
	draft.LoginHosts = append(draft.LoginHosts, w.settings.LoginHosts...)
	if w.offer, err = login.Roles(ctx, w.deps, login.Request{Profile: draft}); err != nil {
		return err
	}
	if w.settings.Username == "" {
		w.settings.Username = w.offer.SessionName
	}
	return w.chooseRoles(ctx)
}

// chooseRoles asks for the roles that get a profile, as far as the flags leave
// it open.
func (w *wizard) chooseRoles(ctx context.Context) error {
	offered, all := w.offer.Roles, w.c.Bool("all-roles")
	if !all && w.c.String("role") == "" && len(offered) > 1 {
		yes, err := w.person.Confirm(ctx, fmt.Sprintf("You have %d roles. Write a profile for each?", len(offered)))
		if err != nil && fault.KindOf(err) != fault.NeedsInput {
			return err
		}
		all = yes
	}
	if all && len(offered) > 0 {
		w.roles = offered
		return nil
	}
	role, err := w.offer.Choose(ctx, w.c.String("role"), w.present.Get("azure_default_role_arn"))
	w.roles, w.settings.RoleARN = []saml.Role{role}, role.ARN
	return err
}
