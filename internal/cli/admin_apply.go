package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/entra"
	"github.com/o365aws/o365aws/internal/fault"
)

func (s *invocation) adminApply() *cli.Command {
	return &cli.Command{
		Name:  "apply",
		Usage: "create and change what differs from the spec",
		Description: "Shows the plan, asks for confirmation, and applies it. You can interrupt and repeat it at any\n" +
			"time: every step checks before it writes. It deletes what this setup created and the spec no longer\n" +
			"names, but only after a separate confirmation or with --prune; --yes does not confirm deletions.\n" +
			"With --yes, it shows a summary of the plan; --full shows all of it.\n\n" +
			"Example: o365aws admin apply --yes",
		Flags: planFlags(append([]cli.Flag{
			yesFlag(),
			&cli.BoolFlag{Name: "prune", Usage: "delete what the spec no longer names, without confirmation"},
		}, importFlags()...)...),
		Action: s.adminDo,
	}
}

const importTimeout = "import-timeout"

// importFlags returns the flags about waiting for Entra's import of roles.
func importFlags() []cli.Flag {
	return []cli.Flag{
		&cli.DurationFlag{Name: "poll", Usage: "how often to check Entra's import of roles", DefaultText: "15s"},
		&cli.DurationFlag{
			Name: importTimeout, Usage: "restart an import that finds no roles within this time", DefaultText: "45m",
		},
		&cli.DurationFlag{Name: "patience", Hidden: true}, // the former name of --import-timeout
	}
}

func yesFlag() cli.Flag {
	return &cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask for confirmation"}
}

func (s *invocation) adminDo(c *cli.Context) error {
	r, err := s.adminRun(c)
	if err != nil {
		return err
	}
	plan, err := r.runner.Plan(c.Context)
	if err != nil {
		return err
	}
	people := s.plan(c, s.Stderr)
	people.brief = c.Bool("yes")
	people.report(plan)
	if err := cmp.Or(unreachable(plan), entra.TooManyRoles(plan)); err != nil {
		return err
	}
	if plan.Satisfied() {
		s.say("Nothing to do: everything matches the spec.")
		return s.adminResult(plan)
	}
	if n := plan.Open(); n > 0 && !c.Bool("yes") {
		if err := s.confirm(c.Context, "Apply "+these(n, "change")+"? [y/N] "); err != nil {
			return err
		}
	}
	prune, err := s.confirmPrune(c, plan.ToDelete())
	if err != nil {
		return err
	}
	r.runner.Progress = people.progress()
	report, err := r.runner.Apply(c.Context, plan)
	if err != nil {
		return err
	}
	if prune && report.Open() == 0 {
		if report.Obsolete, err = people.delete(c.Context, report.Obsolete); err != nil {
			return err
		}
	}
	if report.Satisfied() {
		s.say("Done: %d steps applied, everything matches the spec.", report.Applied())
	}
	return s.adminResult(report)
}

// unreachable returns an error if no AWS account of the spec can be accessed, because
// changing only the tenant would leave a setup without roles.
func unreachable(plan engine.Report) error {
	var first error
	for _, result := range plan.Results {
		if result.Step.ID.Side() != engine.SideAWS {
			continue
		}
		if result.Err == nil && result.Skipped == "" {
			return nil
		}
		if first == nil {
			first = result.Err
		}
	}
	if first == nil {
		return nil
	}
	return fault.Wrap(fault.KindOf(first), first, "nothing was changed", engine.HintsOf(first)...)
}

// these returns "this thing" or "these 3 things".
func these(n int, thing string) string {
	if n == 1 {
		return "this " + thing
	}
	return fmt.Sprintf("these %d %ss", n, thing)
}

// confirmPrune reports whether n obsolete resources are to be deleted. --yes
// alone never confirms it.
func (s *invocation) confirmPrune(c *cli.Context, n int) (bool, error) {
	if n == 0 || c.Bool("prune") || c.Bool("yes") {
		return c.Bool("prune"), nil
	}
	question := "Delete " + these(n, "resource") + " that the spec no longer names? [y/N] "
	return s.yes(c.Context, question, "pass --prune to delete without confirmation, or --yes to apply the rest")
}

// adminResult writes the report for --output json and returns the error of the
// steps that are still open.
func (s *invocation) adminResult(report engine.Report) error {
	if s.json {
		if err := s.data(report.Document()); err != nil {
			return err
		}
	}
	err := report.Fault("could not be applied")
	if s.json {
		err = report.Because(err)
	}
	if f, ok := err.(*fault.Error); ok {
		return f.Hint("fix the cause and run the command again: it continues where it stopped")
	}
	if n := report.ToDelete(); err == nil && n > 0 {
		return fault.Newf(fault.Unsatisfied, "not deleted although the spec no longer names it: %d", n).
			Hint("delete it: o365aws admin apply --prune")
	}
	if err == nil && report.Unseen() {
		return fault.New(fault.Unsatisfied, "not every account that the spec no longer names could be accessed",
			"see above, or run o365aws admin plan")
	}
	return err
}

// confirm asks the user for confirmation and returns an error without it.
func (s *invocation) confirm(ctx context.Context, question string) error {
	yes, err := s.yes(ctx, question, "pass --yes to skip the confirmation")
	if err == nil && !yes {
		return fault.New(fault.Config, "nothing was changed: not confirmed")
	}
	return err
}

// yes reports whether the user answers a question with yes.
func (s *invocation) yes(ctx context.Context, question string, hints ...string) (bool, error) {
	answer, err := s.answer(ctx, question, hints...)
	return answer == "y" || answer == "yes" || answer == "Y", err
}

// answer asks the user for a line.
func (s *invocation) answer(ctx context.Context, question string, hints ...string) (string, error) {
	ask := s.asker()
	return ask.terminal.Answer(ctx, question, hints...)
}

// progress returns a function that writes a line when a step ends or starts to wait.
func (w show) progress() func(engine.Event) {
	said := map[engine.ID]string{}
	return func(e engine.Event) {
		switch {
		case e.Phase == engine.Waiting && said[e.Step.ID] != e.Message:
			said[e.Step.ID] = e.Message
			w.line("%s", w.paint(grey, "  ... "+clean(e.Step.Title)+": waiting for "+clean(e.Message)))
		case e.Phase != engine.Ended:
		case e.Result.Applied, said[e.Step.ID] != "" && !e.Result.Open():
			w.line("  %s %s", w.paint(green, "done"), clean(e.Step.Group+": "+e.Step.Title)+w.took(e.Result.Took))
		case errors.Is(e.Result.Err, context.Canceled):
			w.line("  %s", w.paint(grey, "stopped "+clean(e.Step.Group+": "+e.Step.Title)+" (run the command again "+
				"to continue)"))
		case e.Result.Err != nil:
			w.line("  %s %s", w.paint(red, "failed"), clean(e.Step.Group+": "+e.Result.Err.Error()))
			w.hints(engine.HintsOf(e.Result.Err))
		case e.Result.Skipped != "":
			w.line("  %s", w.paint(grey, "skipped "+clean(e.Step.Group+": "+e.Step.Title)))
		}
	}
}

// took returns the duration of a step that the user waited for.
func (w show) took(d time.Duration) string {
	if d < time.Second {
		return ""
	}
	return w.paint(grey, fmt.Sprintf(" (%s)", d.Round(time.Second)))
}
