package engine

import (
	"context"
	"slices"
)

// Removal is something that destroy found, with its step.
type Removal struct {
	Step Step
	Undo Undo
	Err  error // it could not be looked for, or not be taken away
}

// Removals looks for all that destroy would take away, in the order in which
// it would: what depends on a thing goes before it.
func (r *Runner) Removals(ctx context.Context) ([]Removal, error) {
	found := make([]Removal, len(r.Steps))
	index := map[ID]int{}
	steps := make([]Step, len(r.Steps))
	for i, s := range r.Steps {
		index[s.ID] = i
		s.After = nil // looking needs no order
		steps[i] = s
	}
	look := &Runner{Steps: steps, World: r.World, Parallel: r.Parallel}
	_, err := look.walk(ctx, func(ctx context.Context, s Step, _ []Result) Result {
		i := index[s.ID]
		found[i].Step = r.Steps[i]
		if s.Undo != nil {
			found[i].Undo, found[i].Err = s.Undo(ctx, r.World)
		}
		return Result{Step: s}
	})
	told := map[string]bool{} // one reason may keep us from looking for many things
	found = slices.DeleteFunc(found, func(f Removal) bool {
		if f.Err == nil {
			return f.Undo.What == ""
		}
		again := told[f.Err.Error()]
		told[f.Err.Error()] = true
		return again
	})
	slices.Reverse(found)
	return found, err
}

// Destroy takes away what Removals found, one after the other. What depends on
// a thing that could not be taken away was taken away before it, so one
// failure does not stop the rest. done is told of each.
func Destroy(ctx context.Context, removals []Removal, done func(Removal)) error {
	for _, removal := range removals {
		if removal.Undo.Do == nil || removal.Err != nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		removal.Err = removal.Undo.Do(ctx)
		done(removal)
	}
	return ctx.Err()
}
