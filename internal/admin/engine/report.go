package engine

import (
	"errors"
	"time"
)

// Report holds the results of a run, one for each step, in order.
type Report struct {
	Results []Result
}

// Result is the outcome of one step.
type Result struct {
	Step    Step
	Finding Finding // the last one
	Err     error   // why it could not be checked or applied
	Skipped ID      // the failed dependency because of which it was skipped
	Applied bool    // Apply ran and the step is done now
	Took    time.Duration
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
