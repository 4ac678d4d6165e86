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

// tenantFlags say how to sign in to the tenant.
func tenantFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name:        "sign-in",
			Usage:       "how to sign in to the tenant: " + strings.Join(graph.SignInWays, ", "),
			DefaultText: graph.SignInAuto,
		},
		&cli.StringFlag{
			Name: "client-id", Usage: "public client of the tenant's own to sign in with",
			DefaultText: "Microsoft Graph Command Line Tools",
		},
	}
}

// adminSides are the sides of the work. The tenant takes part when the spec
// takes the metadata from it; with a file or a URL it was set up by hand.
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
		tenant.Attach(r.world)
		sides = append(sides, tenant.Steps)
	}
	if only != onlyEntra {
		sides = append(sides, aws.Side(r.clients))
	}
	return sides, nil
}

// adminTenant signs in to the spec's tenant, when the first call is made.
func (s *invocation) adminTenant(c *cli.Context, r *adminRun) (*entra.Tenant, error) {
	timeout := cmp.Or(c.Duration(importTimeout), c.Duration("patience"))
	if c.Duration("poll") < 0 || timeout < 0 {
		return nil, usage("--poll and --%s must be positive durations, such as 15s or 45m", importTimeout)
	}
	cloud, _ := graph.CloudByName(r.spec.Cloud) // the spec's check let it pass
	client, err := s.client(c)
	if err != nil {
		return nil, err
	}
	notice := func(text string) { s.say("%s", clean(text)) }
	identity, err := graph.SignIn(graph.SignInOptions{
		Cloud: cloud, Way: c.String("sign-in"), Tenant: r.spec.Tenant, ClientID: c.String("client-id"), HTTP: client, Getenv: s.Getenv,
		NoInput: s.noInput, NoWindow: !s.atTerminal(), NoBrowser: !openurl.CanOpen(s.Getenv),
		Notice: notice, Keep: s.tokens(r.spec.Tenant), Now: s.Now, Log: s.logger(),
	})
	if err != nil {
		return nil, err
	}
	return &entra.Tenant{
		Identity: identity, AWS: r.clients, Poll: c.Duration("poll"), ImportTimeout: timeout,
		Graph: graph.New(
			graph.Options{Cloud: cloud, Identity: identity, HTTP: client, Log: s.logger(), Notice: notice},
		),
	}, nil
}

// tokens is where a person's token for Graph is kept, as the default profile
// wants secrets to be kept; nil for nowhere. An admin need not have a profile.
func (s *invocation) tokens(tenant string) graph.TokenStore {
	paths, err := s.paths()
	if err != nil {
		return nil
	}
	profile, err := awsconfig.Load(paths, s.Getenv, "default", awsconfig.Flags{"azure_tenant_id": tenant})
	if err != nil || profile.Store == "none" || profile.Remember == "none" {
		return nil
	}
	env, err := s.loginEnv(paths)
	if err != nil {
		return nil
	}
	store, err := env.Identity(profile).Store(profile.Store, identity.Attended)
	if err != nil {
		return nil
	}
	return store
}

// tenantRun is an admin run that needs the tenant and has found its
// application.
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

// errByHand refuses what works in a tenant that takes no part.
func errByHand(c *cli.Context) error {
	if c.String("only") == onlyAWS {
		return usage("this command works in the tenant, which --only aws leaves alone")
	}
	return fault.New(
		fault.Config, "this command works in the tenant, and the spec says that the tenant is set up by hand",
		"provider.metadata: tenant lets o365aws look after it, or pass --only entra",
	)
}
