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

// specFile is where the admin commands look for the spec.
const specFile = "o365aws.yaml"

func (s *invocation) adminCommand() *cli.Command {
	return &cli.Command{
		Name:  "admin",
		Usage: "set up the tenant and the AWS accounts from one spec file",
		Description: "Connects a Microsoft Entra tenant and AWS accounts as one file, o365aws.yaml, says.\n" +
			"Start with o365aws admin init, look with o365aws admin plan, do it with o365aws admin apply.\n\n" +
			"Example: o365aws admin init --file aws.yaml --tenant example.onmicrosoft.com --account 123456789012",
		Subcommands: []*cli.Command{
			s.adminInit(), s.adminPlan(), s.adminApply(), s.adminVerify(), s.adminStatus(), s.adminExplain(),
			s.adminAssign(), s.adminUnassign(), s.adminAssignments(), s.adminSyncRoles(),
			s.adminExport(), s.adminRotateKey(), s.adminRotateCertificate(), s.adminDestroy(),
		},
	}
}

// adminFlags are those of the admin commands that look at the tenant and at
// the accounts.
func adminFlags(more ...cli.Flag) []cli.Flag {
	return append(append(append(more, tenantFlags()...), specFlags()...),
		&cli.IntFlag{Name: "parallel", Usage: "how many steps run beside each other, 1 to 64", DefaultText: "8"},
	)
}

// specFlags say which steps there are.
func specFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "only", Usage: "aws or entra: leave the other side alone", DefaultText: "both"},
		&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "the spec file", DefaultText: specFile},
	}
}

// adminRun is one run of an admin command: the spec and its steps.
type adminRun struct {
	spec    *spec.Spec
	world   *engine.World
	clients *aws.Clients
	runner  *engine.Runner
	tenant  *entra.Tenant // nil when the tenant takes no part
}

func specPath(c *cli.Context) string { return cmp.Or(c.String("file"), specFile) }

// adminRun reads the spec and makes the steps of both sides.
func (s *invocation) adminRun(c *cli.Context) (*adminRun, error) {
	wanted, err := spec.Load(specPath(c))
	if err != nil {
		return nil, err
	}
	return s.runOf(c, wanted)
}

// exampleRun has the steps of an example spec, to be told, not to be run.
func (s *invocation) exampleRun(c *cli.Context) (*adminRun, error) { return s.runOf(c, spec.Example()) }

func (s *invocation) runOf(c *cli.Context, wanted *spec.Spec) (*adminRun, error) {
	parallel := c.Int("parallel")
	if c.IsSet("parallel") && (parallel < 1 || parallel > 64) {
		return nil, usage("--parallel %d is not between 1 and 64", parallel)
	}
	proxy, err := network.ProxyFunc(s.Getenv)
	if err != nil {
		return nil, err
	}
	r := &adminRun{
		spec: wanted,
		clients: &aws.Clients{
			Profile: common(c, "profile"), Region: common(c, "region"), Proxy: proxy, Code: s.mfaCode,
		},
		world: &engine.World{
			Spec: wanted, Now: s.Now,
			Metadata: metadata.From(wanted, func() (*http.Client, error) { return s.client(c) }),
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

// mfaCode asks for a code of AWS, as the AWS CLI does.
func (s *invocation) mfaCode(ctx context.Context, device string) (string, error) {
	ask, err := s.asker(false)
	if err != nil {
		return "", err
	}
	device = clean(device)
	code, err := ask.terminal.Answer(ctx, "MFA code of "+device+": ")
	if fault.KindOf(err) == fault.NeedsInput {
		err = fault.New(
			fault.NeedsInput, "a code of the MFA device "+device+" is needed, and nobody can be asked",
			"run the command in a terminal, or with credentials that had their code: aws configure "+
				"export-credentials prints some",
		)
	}
	return code, err
}
