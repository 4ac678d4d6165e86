package cli

import (
	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/engine"
)

func (s *session) adminPlan() *cli.Command {
	return &cli.Command{
		Name:  "plan",
		Usage: "say what apply would change; writes nothing",
		Description: "Looks at everything that the spec wants and lists what is missing or differs.\n" +
			"Ends with 9 when apply would change something.\n\nExample: o365aws admin plan --file o365aws.yaml",
		Flags:  adminFlags(),
		Action: s.plan,
	}
}

func (s *session) plan(c *cli.Context) error {
	_, err := s.look(c, func(report engine.Report) { s.show(s.Stdout).report(report, s.verbose) })
	return err
}

// look compares what is there with the spec, for programs or as tell has it
// for people, and writes nothing.
func (s *session) look(c *cli.Context, tell func(engine.Report)) (*adminRun, error) {
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
	err = report.Fault("are not as the spec says")
	if s.json {
		err = report.Because(err)
	}
	return r, err
}

func (s *session) adminVerify() *cli.Command {
	return &cli.Command{
		Name:  "verify",
		Usage: "check that everything is as the spec says",
		Description: "The same look as plan's, for schedules and monitors: silent when all is well, and 9 when\n" +
			"something is missing or differs.\n\nExample: o365aws admin verify --no-input --output json\n" +
			"         o365aws admin verify --login --user ada@example.com",
		Flags:  adminFlags(loginFlags()...),
		Action: s.verify,
	}
}

func (s *session) verify(c *cli.Context) error {
	r, err := s.look(c, func(report engine.Report) {
		if report.Open() > 0 || s.verbose {
			s.show(s.Stdout).report(report, s.verbose)
		} else {
			s.show(s.Stderr).warnings(report)
		}
	})
	if err != nil || !c.Bool("login") {
		return err
	}
	return s.proveLogin(c.Context, c, r)
}

func (s *session) adminStatus() *cli.Command {
	return &cli.Command{
		Name:        "status",
		Usage:       "one line for the tenant and for each account",
		Description: "Ends with 9 when something is not as the spec says.\n\nExample: o365aws admin status",
		Flags:       adminFlags(),
		Action:      s.adminState,
	}
}

func (s *session) adminState(c *cli.Context) error {
	var seen engine.Report
	_, err := s.look(c, func(report engine.Report) {
		seen = report
		s.show(s.Stdout).groups(report)
	})
	return seen.Because(err)
}
