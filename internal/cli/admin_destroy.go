package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/fault"
)

func (s *invocation) adminDestroy() *cli.Command {
	return &cli.Command{
		Name:  "destroy",
		Usage: "delete what apply created",
		Description: "Deletes everything that belongs to this setup, and nothing else. Prompts for the name of the\n" +
			"setup unless --confirm gives it.\n\nExample: o365aws admin destroy --confirm office365",
		Flags:  adminFlags(&cli.StringFlag{Name: "confirm", Usage: "name of the setup, instead of the prompt"}),
		Action: s.adminUndo,
	}
}

func (s *invocation) adminUndo(c *cli.Context) error {
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
		s.say("Nothing to delete.")
		return nil
	}
	if todo > 0 {
		if err := s.nameTyped(c, r.spec.Name, todo); err != nil {
			return err
		}
	}
	remaining, err := people.delete(c.Context, removals)
	if err != nil {
		return err
	}
	for _, removal := range remaining {
		if removal.Undo.Do != nil {
			failed = append(failed, fault.KindOf(removal.Err))
			todo--
		}
	}
	if len(failed) > 0 {
		return fault.Newf(engine.OneKind(failed), "%d of %d could not be deleted", len(failed), len(failed)+todo).
			Hint("fix the cause and run the command again")
	}
	s.say("Deleted: %d.", todo)
	return nil
}

// delete deletes the resources that can be deleted, prints each, and returns the
// remaining ones.
func (w show) delete(ctx context.Context, removals []engine.Removal) ([]engine.Removal, error) {
	remaining := slices.DeleteFunc(slices.Clone(removals), func(r engine.Removal) bool { return r.Undo.Do != nil })
	err := engine.Destroy(ctx, removals, func(removal engine.Removal) {
		if removal.Err == nil {
			w.line("  %s %s", w.paint(green, "deleted"), whatGoes(removal))
			return
		}
		remaining = append(remaining, removal)
		w.line("  %s %s", w.paint(red, "failed"), clean(removal.Err.Error()))
		w.hints(engine.HintsOf(removal.Err))
	})
	return remaining, err
}

// removals prints the resources that would be deleted, that remain, and that could not be
// checked.
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
	return clean(removal.Group() + ": " + removal.Undo.What)
}

// nameTyped asks the user to type the name of the setup as a confirmation.
func (s *invocation) nameTyped(c *cli.Context, name string, things int) error {
	typed := c.String("confirm")
	if typed == "" {
		var err error
		question := fmt.Sprintf("Type %s to delete %s: ", name, these(things, "resource"))
		typed, err = s.answer(c.Context, question, "pass --confirm "+name)
		if err != nil {
			return err
		}
	}
	if typed != name {
		return fault.Newf(
			fault.Config, "nothing was deleted: %q is not the name of this setup, %s", clean(typed), name,
		)
	}
	return nil
}
