package engine

import (
	"fmt"
	"slices"
)

// Side returns the steps of one side of the work.
type Side func(*World) ([]Step, error)

// Compose returns the steps of the sides, each after its dependencies.
func Compose(w *World, sides ...Side) ([]Step, error) {
	var steps []Step
	for _, side := range sides {
		more, err := side(w)
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	return order(steps)
}

// order sorts steps so that each follows its dependencies, and is stable
// otherwise. Edges to a side without steps are dropped.
func order(steps []Step) ([]Step, error) {
	known, sides := map[ID]int{}, map[string]bool{}
	for i, s := range steps {
		if _, twice := known[s.ID]; twice {
			return nil, fmt.Errorf("duplicate step %s", s.ID)
		}
		known[s.ID] = i
		sides[s.ID.Side()] = true
	}
	for i := range steps {
		var after []ID
		for _, id := range steps[i].After {
			if _, ok := known[id]; ok {
				after = append(after, id)
			} else if sides[id.Side()] {
				return nil, fmt.Errorf("step %s depends on %s, which does not exist", steps[i].ID, id)
			}
		}
		steps[i].After = after
	}
	sorted := make([]Step, 0, len(steps))
	state := map[ID]int{} // 1: being visited, 2: placed
	var visit func(Step) error
	visit = func(s Step) error {
		switch state[s.ID] {
		case 1:
			return fmt.Errorf("step %s depends on itself", s.ID)
		case 2:
			return nil
		}
		state[s.ID] = 1
		for _, id := range s.After {
			if err := visit(steps[known[id]]); err != nil {
				return err
			}
		}
		state[s.ID] = 2
		sorted = append(sorted, s)
		return nil
	}
	for _, s := range steps {
		if err := visit(s); err != nil {
			return nil, err
		}
	}
	return slices.Clip(sorted), nil
}
