package cli

import (
	"cmp"
	"context"
	"net/http"

	"github.com/o365aws/o365aws/internal/network"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/entra"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
)

// specFile is the default path of the spec file.
const specFile = "o365aws.yaml"

func (s *invocation) adminCommand() *cli.Command {
	return &cli.Command{
		Name:  "admin",
		Usage: "set up the tenant and the AWS accounts from one spec file",
		Description: "Connects a Microsoft Entra tenant and AWS accounts as described in one file, o365aws.yaml.\n" +
			"Start with o365aws admin init, check with o365aws admin plan, and run o365aws admin apply.\n\n" +
			"Example: o365aws admin init --file aws.yaml --tenant example.onmicrosoft.com --account 123456789012",
		Subcommands: []*cli.Command{
			s.adminInit(), s.adminPlan(), s.adminApply(), s.adminVerify(), s.adminStatus(), s.adminExplain(),
			s.adminAssign(), s.adminUnassign(), s.adminAssignments(), s.adminSyncRoles(),
			s.adminExport(), s.adminRotateKey(), s.adminRotateCertificate(), s.adminDestroy(),
		},
	}
}

// adminFlags returns the flags of the commands that inspect the tenant and the accounts.
func adminFlags(more ...cli.Flag) []cli.Flag {
	return append(append(append(more, tenantFlags()...), specFlags()...),
		&cli.IntFlag{Name: "parallel", Usage: "number of steps to run in parallel, 1 to 64", DefaultText: "8"},
	)
}

// specFlags returns the flags that select the steps.
func specFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "only", Usage: "run only the steps of one side: aws or entra", DefaultText: "both"},
		&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "the spec file", DefaultText: specFile},
	}
}

// adminRun is one run of an admin command: the spec and its steps.
type adminRun struct {
	spec    *spec.Spec
	world   *engine.World
	clients *aws.Clients
	runner  *engine.Runner
	tenant  *entra.Tenant // nil if the spec does not manage the tenant
}

func specPath(c *cli.Context) string { return cmp.Or(c.String("file"), specFile) }

// adminRun reads the spec and returns a run with the steps for Entra and AWS.
func (s *invocation) adminRun(c *cli.Context) (*adminRun, error) {
	sp, err := spec.Load(specPath(c))
	if err != nil {
		return nil, err
	}
	return s.runOf(c, sp)
}

// exampleRun returns a run with the steps of an example spec, for admin explain.
func (s *invocation) exampleRun(c *cli.Context) (*adminRun, error) { return s.runOf(c, spec.Example()) }

func (s *invocation) runOf(c *cli.Context, sp *spec.Spec) (*adminRun, error) {
	parallel := c.Int("parallel")
	if c.IsSet("parallel") && (parallel < 1 || parallel > 64) {
		return nil, usage("--parallel %d is not between 1 and 64", parallel)
	}
	proxy, err := network.ProxyFunc(s.Getenv)
	if err != nil {
		return nil, err
	}
	r := &adminRun{
		spec: sp,
		clients: &aws.Clients{
			Profile: common(c, "profile"), Region: common(c, "region"), Proxy: proxy, Code: s.mfaCode,
			Record: s.adminRecorder().AWS,
		},
		world: &engine.World{
			Spec: sp, Now: s.Now,
			Metadata: metadata.From(sp, func() (*http.Client, error) { return s.client(c) }),
		},
	}
	sides, err := s.adminSides(c, r)
	if err != nil {
		return nil, err
	}
	steps, err := engine.Compose(r.world, sides...)
	if err != nil {
		return nil, err
	}
	r.runner = &engine.Runner{Steps: steps, World: r.world, Parallel: parallel, Now: s.Now}
	return r, nil
}

// mfaCode prompts for an AWS MFA code, like the AWS CLI.
func (s *invocation) mfaCode(ctx context.Context, device string) (string, error) {
	ask := s.asker()
	device = clean(device)
	code, err := ask.terminal.Answer(ctx, "MFA code of "+device+": ")
	if fault.KindOf(err) == fault.NeedsInput {
		err = fault.New(
			fault.NeedsInput, "an MFA code of the device "+device+" is required",
			"run the command in a terminal, or with credentials of an MFA session: aws configure export-credentials "+
				"prints them",
		)
	}
	return code, err
}
