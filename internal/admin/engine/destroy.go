package engine

import (
	"cmp"
	"context"
	"slices"
)

// Removal is something to delete, with its step.
type Removal struct {
	Step Step
	Undo Undo
	Err  error // why it could not be looked up or deleted
}

// Group returns the heading of the removal.
func (r Removal) Group() string { return cmp.Or(r.Undo.Group, r.Step.Group) }

// Removals returns everything that destroy would delete, dependents first.
func (r *Runner) Removals(ctx context.Context) ([]Removal, error) {
	all := make([][]Removal, len(r.Steps))
	index := map[ID]int{}
	steps := make([]Step, len(r.Steps))
	for i, s := range r.Steps {
		index[s.ID] = i
		s.After = nil // reading needs no order
		steps[i] = s
	}
	look := &Runner{Steps: steps, World: r.World, Parallel: r.Parallel}
	_, err := look.walk(ctx, func(ctx context.Context, s Step, _ []Result) Result {
		all[index[s.ID]] = removals(ctx, r.World, s)
		return Result{Step: s}
	})
	found := slices.Concat(all...)
	reported := map[string]bool{} // one cause may affect many steps
	found = slices.DeleteFunc(found, func(f Removal) bool {
		if f.Err == nil {
			return f.Undo.What == ""
		}
		again := reported[f.Err.Error()]
		reported[f.Err.Error()] = true
		return again
	})
	slices.Reverse(found)
	return found, err
}

// removals returns what destroy would delete of a step, in reverse order.
func removals(ctx context.Context, w *World, s Step) []Removal {
	var found []Removal
	if s.Undo != nil {
		undo, err := s.Undo(ctx, w)
		found = append(found, Removal{s, undo, err})
	}
	if s.Obsolete != nil {
		obsolete, err := s.Obsolete(ctx, w)
		if err != nil {
			found = append(found, Removal{Step: s, Err: err})
		}
		for _, undo := range slices.Backward(obsolete) {
			found = append(found, Removal{s, undo, undo.Err})
		}
	}
	return found
}

// Destroy deletes what Removals or Plan found, one after the other. Dependents come
// first, so a failure does not stop the rest. done is called with each.
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
