package cli

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/fault"
)

func (s *session) adminDestroy() *cli.Command {
	return &cli.Command{
		Name:  "destroy",
		Usage: "take away what apply made",
		Description: "Takes away what carries the tag of this set-up, and nothing else. Its name must be typed, or\n" +
			"given by --confirm.\n\nExample: o365aws admin destroy --confirm office365",
		Flags:  adminFlags(&cli.StringFlag{Name: "confirm", Usage: "the spec's name, in place of typing it"}),
		Action: s.adminUndo,
	}
}

func (s *session) adminUndo(c *cli.Context) error {
	r, err := s.adminRun(c)
	if err != nil {
		return err
	}
	removals, err := r.runner.Removals(c.Context)
	if err != nil {
		return err
	}
	people := s.show(s.Stderr)
	todo, failed := people.removals(removals)
	if todo == 0 && len(failed) == 0 {
		s.say("Nothing to take away.")
		return nil
	}
	if todo > 0 {
		if err := s.nameTyped(c, r.spec.Name, todo); err != nil {
			return err
		}
	}
	gone := 0
	err = engine.Destroy(c.Context, removals, func(removal engine.Removal) {
		if removal.Err != nil {
			failed = append(failed, fault.KindOf(removal.Err))
			people.line("  %s %s", people.paint(red, "failed"), clean(removal.Err.Error()))
			people.hints(engine.HintsOf(removal.Err))
			return
		}
		gone++
		people.line("  %s %s", people.paint(green, "gone"), whatGoes(removal))
	})
	if err != nil {
		return err
	}
	if len(failed) > 0 {
		return fault.Newf(engine.OneKind(failed), "%d of %d things could not be taken away", len(failed), len(failed)+gone).
			Hint("run it again when that is mended")
	}
	s.say("Gone: %s.", some(gone, "thing"))
	return nil
}

// removals lists what would go, what stays and what cannot be looked at.
func (w show) removals(removals []engine.Removal) (todo int, failed []fault.Kind) {
	for _, removal := range removals {
		switch {
		case removal.Err != nil:
			failed = append(failed, fault.KindOf(removal.Err))
			w.line("  %s", w.paint(red, "x "+clean(removal.Err.Error())))
			w.hints(engine.HintsOf(removal.Err))
		case removal.Undo.Do == nil:
			w.line("  %s", w.paint(grey, "= "+whatGoes(removal)+" stays: "+clean(removal.Undo.Keep)))
		default:
			todo++
			w.line("  %s", w.paint(red, "- "+whatGoes(removal)))
		}
	}
	return todo, failed
}

func whatGoes(removal engine.Removal) string {
	return clean(removal.Step.Group + ": " + removal.Undo.What)
}

// nameTyped wants the spec's name, so that nobody destroys by habit.
func (s *session) nameTyped(c *cli.Context, name string, things int) error {
	typed := c.String("confirm")
	if typed == "" {
		var err error
		these := "this"
		if things > 1 {
			these = fmt.Sprintf("these %d things", things)
		}
		typed, err = s.answer(c.Context, fmt.Sprintf("Type %s to take away %s: ", name, these), "pass --confirm "+name)
		if err != nil {
			return err
		}
	}
	if typed != name {
		return fault.Newf(
			fault.Config, "nothing was taken away: %q is not the name of this set-up, %s", clean(typed), name,
		)
	}
	return nil
}
