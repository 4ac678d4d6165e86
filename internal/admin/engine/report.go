package engine

import (
	"errors"
	"slices"
	"time"
)

// Report holds the results of a run, one for each step, in order.
type Report struct {
	Results []Result
	// Obsolete is what the spec no longer names, in the order of deletion: access
	// in the tenant before resources in AWS.
	Obsolete []Removal
}

// Result is the outcome of one step.
type Result struct {
	Step    Step
	Finding Finding // the last one
	Err     error   // why it could not be checked or applied
	Skipped ID      // the failed dependency because of which it was skipped
	Applied bool    // Apply ran and the step is done now
	Took    time.Duration

	obsolete []Undo
}

// Open reports whether the step is not done.
func (r Result) Open() bool { return r.Err != nil || r.Skipped != "" || r.Finding.Status != Done }

// Open returns the number of steps that are not done.
func (r Report) Open() int {
	n := 0
	for _, result := range r.Results {
		if result.Open() {
			n++
		}
	}
	return n
}

// ToDelete returns the number of obsolete resources that can be deleted.
func (r Report) ToDelete() int {
	n := 0
	for _, removal := range r.Obsolete {
		if removal.Undo.Do != nil {
			n++
		}
	}
	return n
}

// Warned reports whether a step has a warning.
func (r Report) Warned() bool {
	return slices.ContainsFunc(r.Results, func(result Result) bool { return len(result.Finding.Warnings) > 0 })
}

// Unseen reports whether obsolete resources could not be looked up.
func (r Report) Unseen() bool {
	return slices.ContainsFunc(r.Obsolete, func(removal Removal) bool { return removal.Err != nil })
}

// Satisfied reports whether everything matches the spec.
func (r Report) Satisfied() bool { return r.Open() == 0 && r.ToDelete() == 0 && !r.Unseen() }

// obsolete returns the obsolete resources that the steps found.
func obsolete(results []Result) []Removal {
	var tenant, others, elsewhere []Removal
	for _, result := range results {
		for _, undo := range result.obsolete {
			removal := Removal{Step: result.Step, Undo: undo, Err: undo.Err}
			switch {
			case undo.Group != "":
				elsewhere = append(elsewhere, removal)
			case result.Step.ID.Side() == SideEntra:
				tenant = append(tenant, removal)
			default:
				others = append(others, removal)
			}
		}
	}
	return slices.Concat(tenant, others, elsewhere)
}

// Applied returns the number of steps that this run applied.
func (r Report) Applied() int {
	n := 0
	for _, result := range r.Results {
		if result.Applied {
			n++
		}
	}
	return n
}

// Failed returns the steps that could not be checked or applied, without those
// skipped because of them.
func (r Report) Failed() []Result {
	var failed []Result
	for _, result := range r.Results {
		if result.Err != nil {
			failed = append(failed, result)
		}
	}
	return failed
}

// Find returns the result of a step.
func (r Report) Find(id ID) (Result, bool) {
	for _, result := range r.Results {
		if result.Step.ID == id {
			return result, true
		}
	}
	return Result{}, false
}

// Err joins the errors of all steps.
func (r Report) Err() error {
	var all []error
	for _, result := range r.Failed() {
		all = append(all, result.Err)
	}
	return errors.Join(all...)
}
