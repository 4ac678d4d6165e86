package engine

import (
	"errors"
	"time"
)

// Report is what came of a run, one result a step, in the steps' order.
type Report struct {
	Results []Result
}

// Result is what came of one step.
type Result struct {
	Step    Step
	Finding Finding // the last one
	Err     error   // why it could not be looked at or done
	Skipped ID      // the step before it that failed; the step was not tried
	Applied bool    // Apply ran and the step is done now
	Took    time.Duration
}

// Open reports whether the step is not known to be done.
func (r Result) Open() bool { return r.Err != nil || r.Skipped != "" || r.Finding.Status != Done }

// Open counts the steps that are not done.
func (r Report) Open() int {
	n := 0
	for _, result := range r.Results {
		if result.Open() {
			n++
		}
	}
	return n
}

// Applied counts the steps that this run did.
func (r Report) Applied() int {
	n := 0
	for _, result := range r.Results {
		if result.Applied {
			n++
		}
	}
	return n
}

// Failed lists the steps that could not be looked at or done; those that were
// skipped because of them are left out.
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
