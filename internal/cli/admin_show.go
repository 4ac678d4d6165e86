package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/admin/engine"
)

// show writes reports for people.
type show struct {
	palette
	to io.Writer
}

func (s *invocation) show(to io.Writer) show { return show{s.painted(to), to} }

// line writes one line. An error of the stream cannot be reported.
func (w show) line(format string, args ...any) { _, _ = fmt.Fprintf(w.to, format+"\n", args...) }

// maxValue bounds a value from Entra or AWS, in characters.
const maxValue = 2000

func clean(text string) string { return termtext.Printable(text, maxValue) }

// report writes a summary and the steps that differ, under the heading of their
// group; with everything, all steps.
func (w show) report(r engine.Report, everything bool) {
	w.counts(r)
	group := ""
	for _, result := range r.Results {
		quiet := !result.Open() && len(result.Finding.Warnings) == 0
		if quiet && !everything {
			continue
		}
		if result.Step.Group != group {
			group = result.Step.Group
			w.line("%s", w.paint(bold, group))
		}
		w.result(result, r)
	}
	w.obsolete(r)
}

// obsolete writes what the spec no longer names.
func (w show) obsolete(r engine.Report) {
	if len(r.Obsolete) == 0 {
		return
	}
	w.line("%s", w.paint(bold, "no longer in the spec"))
	w.removals(r.Obsolete)
	if r.ToDelete() > 0 {
		w.line("  %s", w.paint(grey, "delete: o365aws admin apply --prune"))
	}
}

// result writes one step.
func (w show) result(r engine.Result, all engine.Report) {
	title := clean(r.Step.Title)
	switch {
	case r.Err != nil:
		w.line("  %s", w.paint(red, "x "+clean(r.Err.Error())))
		w.hints(engine.HintsOf(r.Err))
	case r.Skipped != "":
		w.line("  %s", w.paint(grey, "? "+title+": skipped, because "+titleOf(all, r.Skipped)+" failed"))
	case r.Finding.Status == engine.Done:
		w.line("  %s", w.paint(grey, "= "+title))
	case r.Finding.Status == engine.Missing:
		w.line("  %s", w.paint(green, "+ "+title))
		w.changes(r.Finding.Changes)
	case r.Finding.Status == engine.Drifted:
		w.line("  %s", w.paint(yellow, "~ "+title))
		w.changes(r.Finding.Changes)
	case r.Finding.Status == engine.Forbidden:
		w.line("  %s", w.paint(red, "! "+title+": "+clean(r.Finding.Reason)))
		w.hints(r.Finding.Hints)
	default:
		w.line("  %s", w.paint(grey, "? "+title+": "+clean(r.Finding.Reason)))
		w.hints(r.Finding.Hints)
	}
	for _, warning := range r.Finding.Warnings {
		w.line("      %s", w.paint(yellow, "warning: "+clean(warning)))
	}
}

// titleOf returns the title of a step of a report.
func titleOf(r engine.Report, id engine.ID) string {
	result, _ := r.Find(id)
	return clean(result.Step.Title)
}

func (w show) changes(changes []engine.Change) {
	for _, c := range changes {
		have, want := clean(c.Have), clean(c.Want)
		switch {
		case have == "":
			w.line("      %s %s", w.paint(green, "+ "+clean(c.Attribute)+":"), want)
		case want == "":
			w.line("      %s %s", w.paint(red, "- "+clean(c.Attribute)+":"), have)
		case len(have)+len(want) < 80:
			w.line("      %s %s -> %s", w.paint(yellow, "~ "+clean(c.Attribute)+":"), have, want)
		default:
			w.line("      %s", w.paint(yellow, "~ "+clean(c.Attribute)+":"))
			w.line("          %s", w.paint(red, "- "+have))
			w.line("          %s", w.paint(green, "+ "+want))
		}
	}
}

func (w show) hints(hints []string) {
	for _, hint := range hints {
		w.line("      hint: %s", clean(hint))
	}
}

// counts writes the summary of a plan.
func (w show) counts(r engine.Report) {
	c := r.Counts()
	var parts []string
	for _, part := range []struct {
		n    int
		text string
	}{
		{c.Missing, "to create"},
		{c.Drifted, "to change"},
		{r.ToDelete(), "to delete"},
		{c.Unknown, "unknown until apply"},
		{c.Forbidden, "not managed"},
		{c.Failed, "failed"},
		{c.Done, "up to date"},
	} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.text))
		}
	}
	w.line("%s", w.paint(bold, "Plan: "+strings.Join(parts, ", ")+"."))
}

// warnings writes the warnings of a report without changes.
func (w show) warnings(r engine.Report) {
	for _, result := range r.Results {
		for _, warning := range result.Finding.Warnings {
			w.line("o365aws: warning: %s: %s", clean(result.Step.Title), clean(warning))
		}
	}
}

// groups writes one line for each group: how many of its steps differ.
func (w show) groups(r engine.Report) {
	var order []string
	all, open, warnings := map[string]int{}, map[string][]string{}, map[string][]string{}
	for _, result := range r.Results {
		group := result.Step.Group
		if all[group] == 0 {
			order = append(order, group)
		}
		all[group]++
		if result.Open() {
			open[group] = append(open[group], clean(result.Step.Title))
		}
		for _, warning := range result.Finding.Warnings {
			warnings[group] = append(warnings[group], clean(warning))
		}
	}
	for _, removal := range r.Obsolete {
		group := removal.Step.Group
		warnings[group] = append(warnings[group], "no longer in the spec: "+clean(removal.Undo.What))
	}
	for _, group := range order {
		n := len(open[group])
		if n == 0 {
			w.line("%s: %s", clean(group), w.paint(green, fmt.Sprintf("%d steps, all up to date", all[group])))
		} else {
			w.line("%s: %s: %s", clean(group), w.paint(
				red, fmt.Sprintf("%d of %d steps differ", n, all[group]),
			), strings.Join(open[group], ", "))
		}
		for _, warning := range warnings[group] {
			w.line("  %s", w.paint(yellow, "warning: "+warning))
		}
	}
}
