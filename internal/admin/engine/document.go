package engine

import (
	"errors"
	"fmt"
	"slices"

	"github.com/o365aws/o365aws/internal/fault"
)

// Document is the JSON form of a report.
type Document struct {
	Satisfied bool           `json:"satisfied"`
	Counts    Counts         `json:"counts"`
	Steps     []StepDocument `json:"steps"`
	// Obsolete is what the spec no longer names.
	Obsolete []ObsoleteDocument `json:"obsolete"`
}

// ObsoleteDocument is a resource that the spec no longer names.
type ObsoleteDocument struct {
	Group string `json:"group"`
	Title string `json:"title"`
	Stays string `json:"stays,omitempty"` // why it is not deleted
}

// Counts holds the number of steps of a report by result.
type Counts struct {
	Done      int `json:"done"`
	Missing   int `json:"missing"`
	Drifted   int `json:"drifted"`
	Unknown   int `json:"unknown"`
	Forbidden int `json:"forbidden"`
	Failed    int `json:"failed"`
	Applied   int `json:"applied"`
	Obsolete  int `json:"obsolete"`
}

// StepDocument is one step of a report.
type StepDocument struct {
	ID         ID       `json:"id"`
	Group      string   `json:"group"`
	Title      string   `json:"title"`
	Status     string   `json:"status"` // of the finding, or failed
	Applied    bool     `json:"applied"`
	Changes    []Change `json:"changes"`
	Needs      ID       `json:"needs,omitempty"`
	Permission string   `json:"permission,omitempty"`
	Reason     string   `json:"reason,omitempty"`
	Hints      []string `json:"hints"`
	Warnings   []string `json:"warnings"`
}

// Document returns the JSON form of a report.
func (r Report) Document() Document {
	d := Document{Satisfied: r.Satisfied(), Counts: r.Counts(), Steps: []StepDocument{}, Obsolete: []ObsoleteDocument{}}
	for _, result := range r.Results {
		f := result.Finding
		s := StepDocument{
			ID: result.Step.ID, Group: result.Step.Group, Title: result.Step.Title,
			Status: f.Status.String(), Applied: result.Applied, Changes: filled(f.Changes), Needs: f.Needs,
			Permission: f.Permission, Reason: f.Reason, Hints: filled(f.Hints), Warnings: filled(f.Warnings),
		}
		if result.Applied {
			s.Changes = []Change{}
		}
		if result.Err != nil {
			s.Status, s.Reason, s.Hints = "failed", result.Err.Error(), filled(HintsOf(result.Err))
		}
		d.Steps = append(d.Steps, s)
	}
	for _, removal := range r.Obsolete {
		stays := removal.Undo.Keep
		if removal.Err != nil {
			stays = removal.Err.Error()
		}
		d.Obsolete = append(d.Obsolete, ObsoleteDocument{removal.Group(), removal.Undo.What, stays})
	}
	return d
}

func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// HintsOf returns the hints of an error.
func HintsOf(err error) []string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Hints
	}
	return nil
}

// Counts returns the number of steps by result.
func (r Report) Counts() Counts {
	c := Counts{Obsolete: len(r.Obsolete)}
	for _, result := range r.Results {
		if result.Applied {
			c.Applied++
		}
		if result.Err != nil {
			c.Failed++
			continue
		}
		switch result.Finding.Status {
		case Done:
			c.Done++
		case Missing:
			c.Missing++
		case Drifted:
			c.Drifted++
		case Unknown:
			c.Unknown++
		case Forbidden:
			c.Forbidden++
		}
	}
	return c
}

// Fault returns the error of a run that left steps open. Its kind is that of
// the failures if they agree.
func (r Report) Fault(what string) error {
	open := r.Open()
	if open == 0 {
		return nil
	}
	var kinds []fault.Kind
	skipped := 0
	for _, result := range r.Results {
		switch {
		case !result.Open():
		case result.Skipped != "":
			skipped++
		case result.Err != nil:
			kinds = append(kinds, fault.KindOf(result.Err))
		default:
			kinds = append(kinds, fault.Unsatisfied)
		}
	}
	msg := fmt.Sprintf("%d of %d steps %s", open-skipped, len(r.Results), what)
	if skipped > 0 {
		msg += fmt.Sprintf(", %d skipped because of that", skipped)
	}
	return fault.New(OneKind(kinds), msg)
}

// OneKind returns the kind of several failures if they agree, and
// fault.Unsatisfied otherwise.
func OneKind(kinds []fault.Kind) fault.Kind {
	if len(kinds) == 0 || slices.Min(kinds) != slices.Max(kinds) {
		return fault.Unsatisfied
	}
	return kinds[0]
}

// Because adds the first failure to the error of a run, for output that does
// not list the steps.
func (r Report) Because(err error) error {
	var f *fault.Error
	failed := r.Failed()
	if len(failed) == 0 || !errors.As(err, &f) {
		return err
	}
	return fault.Wrap(f.Kind, failed[0].Err, f.Msg, HintsOf(failed[0].Err)...)
}
