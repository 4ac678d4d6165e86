package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/termtext"
)

// show writes reports as text.
type show struct {
	palette
	to   io.Writer
	full bool // every step, account and policy

	brief bool // omit creations and changes
}

func (s *invocation) show(to io.Writer) show {
	return show{palette: s.painted(to), to: to, full: s.verbose}
}

// plan returns the writer of a command with --full.
func (s *invocation) plan(c *cli.Context, to io.Writer) show {
	w := s.show(to)
	w.full = w.full || c.Bool(fullFlag)
	return w
}

const fullFlag = "full"

// planFlags returns the flags of the commands that show a plan.
func planFlags(more ...cli.Flag) []cli.Flag {
	return adminFlags(append(more, &cli.BoolFlag{
		Name: fullFlag, Usage: "show every step, account and policy in full",
	})...)
}

// line writes one line. It ignores write errors, which cannot be reported.
func (w show) line(format string, args ...any) { _, _ = fmt.Fprintf(w.to, format+"\n", args...) }

// maxValue is the maximum length of a value from Entra or AWS, in characters.
const maxValue = 2000

func clean(text string) string { return termtext.Printable(text, maxValue) }

// obsolete writes the resources that are no longer in the spec.
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
		w.line("  %s", w.paint(grey, "? "+title+": not checked, because "+titleOf(all, r.Skipped)+" failed"))
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
		case !w.full && w.policy(c):
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
	text := "Plan: " + strings.Join(parts, ", ") + "."
	if affects := affected(r); affects != "" {
		text += " Affects " + affects + "."
	}
	w.line("%s", w.paint(bold, text))
}

// warnings writes the warnings of a report without changes.
func (w show) warnings(r engine.Report) {
	for _, result := range r.Results {
		for _, warning := range result.Finding.Warnings {
			w.line("o365aws: warning: %s: %s", clean(result.Step.Title), clean(warning))
		}
	}
}

// groups writes one line for each group with the number of steps that differ.
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
		group, what := removal.Group(), "no longer in the spec: "+clean(removal.Undo.What)
		if removal.Err != nil {
			what = clean(removal.Err.Error())
		}
		if !slices.Contains(order, group) {
			order = append(order, group)
		}
		warnings[group] = append(warnings[group], what)
	}
	for _, group := range order {
		n := len(open[group])
		switch {
		case all[group] == 0:
			w.line("%s: %s", clean(group), w.paint(red, "not in the spec"))
		case n == 0:
			w.line("%s: %s", clean(group), w.paint(green, fmt.Sprintf("%d steps, all up to date", all[group])))
		default:
			w.line("%s: %s: %s", clean(group), w.paint(
				red, fmt.Sprintf("%d of %d steps differ", n, all[group]),
			), strings.Join(open[group], ", "))
		}
		for _, warning := range warnings[group] {
			w.line("  %s", w.paint(yellow, "warning: "+warning))
		}
	}
}
