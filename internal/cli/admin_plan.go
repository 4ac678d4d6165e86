package cli

import (
	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/fault"
)

func (s *invocation) adminPlan() *cli.Command {
	return &cli.Command{
		Name:  "plan",
		Usage: "show what apply would change; write nothing",
		Description: "Compares the tenant and the AWS accounts with the spec and lists the differences.\n" +
			"Exits with 9 if there are any. Accounts with the same differences are shown\n" +
			"once; --full shows each.\n\n" +
			"Example: o365aws admin plan --file o365aws.yaml",
		Flags:  planFlags(warningsFlag()),
		Action: s.showPlan,
	}
}

func (s *invocation) showPlan(c *cli.Context) error {
	_, err := s.look(c, func(report engine.Report) { s.plan(c, s.Stdout).report(report) })
	return err
}

const warningsAsDrift = "warnings-as-drift"

func warningsFlag() cli.Flag {
	return &cli.BoolFlag{
		Name: warningsAsDrift, Usage: "also exit with 9 for warnings, such as a certificate that expires soon",
	}
}

// errDiffers ends a check that found differences with exit code 9. The output
// names them, so no message follows.
var errDiffers = &fault.Error{Kind: fault.Unsatisfied}

// look compares the tenant and the accounts with the spec without changing anything. With
// --output text, tell renders the report.
func (s *invocation) look(c *cli.Context, tell func(engine.Report)) (*adminRun, error) {
	r, err := s.adminRun(c)
	if err != nil {
		return nil, err
	}
	report, err := r.runner.Plan(c.Context)
	if err != nil {
		return nil, err
	}
	if !s.json {
		tell(report)
	} else if err := s.data(report.Document()); err != nil {
		return nil, err
	}
	warned := c.Bool(warningsAsDrift) && report.Warned()
	if (!report.Satisfied() || warned) && len(report.Failed()) == 0 {
		return r, errDiffers
	}
	err = report.Fault("could not be checked")
	if s.json {
		err = report.Because(err)
	}
	return r, err
}

func (s *invocation) adminVerify() *cli.Command {
	return &cli.Command{
		Name:  "verify",
		Usage: "check that everything matches the spec",
		Description: "The same check as plan, for schedulers and monitoring: prints nothing and exits with 0 if\n" +
			"everything matches, and exits with 9 if something differs.\n\n" +
			"Example: o365aws admin verify --no-input --output json\n" +
			"         o365aws admin verify --login --user ada@example.com",
		Flags:  planFlags(append(loginFlags(), warningsFlag())...),
		Action: s.verify,
	}
}

func (s *invocation) verify(c *cli.Context) error {
	r, err := s.look(c, func(report engine.Report) {
		if !report.Satisfied() || s.verbose {
			s.plan(c, s.Stdout).report(report)
		} else {
			s.show(s.Stderr).warnings(report)
		}
	})
	if err != nil || !c.Bool("login") {
		return err
	}
	return s.proveLogin(c.Context, c, r)
}

func (s *invocation) adminStatus() *cli.Command {
	return &cli.Command{
		Name:        "status",
		Usage:       "show one line for the tenant and for each account",
		Description: "Exits with 9 if something differs from the spec.\n\nExample: o365aws admin status",
		Flags:       adminFlags(warningsFlag()),
		Action:      s.adminState,
	}
}

func (s *invocation) adminState(c *cli.Context) error {
	var seen engine.Report
	_, err := s.look(c, func(report engine.Report) {
		seen = report
		s.show(s.Stdout).groups(report)
	})
	if err == errDiffers {
		return err
	}
	return seen.Because(err)
}
