package cli

import (
	"cmp"
	"strings"

	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/openurl"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/entra"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/graph"
)

// The parts of a run, for --only.
const (
	onlyAWS   = engine.SideAWS
	onlyEntra = engine.SideEntra
)

// tenantFlags returns the flags for signing in to the tenant.
func tenantFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name:        "sign-in",
			Usage:       "how to sign in to the tenant: " + strings.Join(graph.SignInWays, ", "),
			DefaultText: graph.SignInAuto,
		},
		&cli.StringFlag{
			Name: "client-id", Usage: "client ID of your own public client application to sign in with",
			DefaultText: "Microsoft Graph Command Line Tools",
		},
	}
}

// adminSides returns the sides of the run. The tenant is managed if the spec reads the
// metadata from it; with a file or a URL, it was set up manually.
func (s *invocation) adminSides(c *cli.Context, r *adminRun) ([]engine.Side, error) {
	only := c.String("only")
	if only != "" && only != onlyAWS && only != onlyEntra {
		return nil, usage("--only %q is neither aws nor entra", only)
	}
	var sides []engine.Side
	if only != onlyAWS && (only == onlyEntra || r.spec.Provider.Metadata == spec.MetadataTenant) {
		tenant, err := s.adminTenant(c, r)
		if err != nil {
			return nil, err
		}
		r.tenant = tenant
		tenant.EntraOnly = only == onlyEntra
		tenant.Attach(r.world)
		sides = append(sides, tenant.Steps)
	}
	if only != onlyEntra {
		sides = append(sides, aws.Side(r.clients))
	}
	return sides, nil
}

// adminTenant returns the spec's tenant. The first call signs in.
func (s *invocation) adminTenant(c *cli.Context, r *adminRun) (*entra.Tenant, error) {
	timeout := cmp.Or(c.Duration(importTimeout), c.Duration("patience"))
	if c.Duration("poll") < 0 || timeout < 0 {
		return nil, usage("--poll and --%s must be positive durations, such as 15s or 45m", importTimeout)
	}
	cloud, _ := graph.CloudByName(r.spec.Cloud) // checked by spec.Load
	client, err := s.client(c)
	if err != nil {
		return nil, err
	}
	notice := func(text string) { s.say("%s", clean(text)) }
	identity, err := graph.SignIn(graph.SignInOptions{
		Cloud: cloud, Way: c.String("sign-in"), Tenant: r.spec.Tenant, ClientID: c.String("client-id"), HTTP: client,
		Getenv:  s.Getenv,
		NoInput: s.noInput, NoWindow: !s.atTerminal(), NoBrowser: !openurl.CanOpen(s.Getenv),
		Notice: notice, Tokens: s.tokens(r.spec.Tenant), Now: s.Now, Log: s.logger(),
	})
	if err != nil {
		return nil, err
	}
	return &entra.Tenant{
		Identity: identity, AWS: r.clients, Poll: c.Duration("poll"), ImportTimeout: timeout,
		Graph: graph.New(
			graph.Options{
				Cloud: cloud, Identity: identity, HTTP: client, Log: s.logger(), Notice: notice,
				Record: s.adminRecorder().Graph,
			},
		),
	}, nil
}

// tokens returns the secret store of the default profile for Graph tokens; nil if
// the profile stores none. The profile need not exist.
func (s *invocation) tokens(tenant string) graph.TokenStore {
	paths, err := s.paths()
	if err != nil {
		return nil
	}
	profile, err := awsconfig.Load(paths, s.Getenv, "default", awsconfig.Flags{"azure_tenant_id": tenant})
	if err != nil || profile.Store == "none" || profile.Remember == "none" {
		return nil
	}
	env := s.loginEnv(paths)
	store, err := env.Identity(profile).Store(profile.Store, identity.Attended)
	if err != nil {
		return nil
	}
	return store
}

// tenantRun returns a run that has found the application of the tenant.
func (s *invocation) tenantRun(c *cli.Context) (*adminRun, error) {
	r, err := s.adminRun(c)
	if err != nil {
		return nil, err
	}
	if r.tenant == nil {
		return nil, errByHand(c)
	}
	return r, r.tenant.Find(c.Context, r.world)
}

// errByHand returns the error of a command that needs a managed tenant.
func errByHand(c *cli.Context) error {
	if c.String("only") == onlyAWS {
		return usage("this command changes the tenant, which --only aws excludes")
	}
	return fault.New(
		fault.Config, "this command changes the tenant, and in the spec the tenant is set up by hand",
		"set provider.metadata: tenant to manage it with o365aws, or pass --only entra",
	)
}
