package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// section is a part of a plan: the steps of a group, or of several accounts with the same
// differences.
type section struct {
	groups []string
	lines  string
}

// maxNamed is the maximum number of accounts in the heading of a section.
const maxNamed = 3

// report writes a summary, the steps that differ under the heading of their group, and
// the deletions. Accounts with the same differences share a section.
func (w show) report(r engine.Report) {
	w.counts(r)
	for _, s := range w.sections(r) {
		heading := clean(s.groups[0])
		if n := len(s.groups); n > 1 {
			var names []string
			for _, group := range s.groups[:min(n, maxNamed)] {
				names = append(names, clean(strings.TrimPrefix(group, accountGroup)))
			}
			heading = fmt.Sprintf("%d accounts alike: %s", n, strings.Join(names, ", "))
			if n > maxNamed {
				heading += fmt.Sprintf(" and %d more", n-maxNamed)
			}
		}
		w.line("%s", w.paint(bold, heading))
		_, _ = fmt.Fprint(w.to, s.lines)
	}
	w.obsolete(r)
}

const accountGroup = "account "

// accountOf returns the account number of a group, or "".
func accountOf(group string) string {
	rest, ok := strings.CutPrefix(group, accountGroup)
	if number, _, _ := strings.Cut(rest, " "); ok && spec.IsAccountNumber(number) {
		return number
	}
	return ""
}

// hides reports whether a plan omits a step.
func (w show) hides(r engine.Result) bool {
	if w.full || len(r.Finding.Warnings) > 0 {
		return false
	}
	planned := r.Finding.Status == engine.Missing || r.Finding.Status == engine.Drifted
	return !r.Open() || w.brief && planned && r.Err == nil && r.Skipped == ""
}

// sections returns the sections of a report in the order of its groups.
func (w show) sections(r engine.Report) []section {
	var order []string
	lines := map[string]*strings.Builder{}
	for _, result := range r.Results {
		if w.hides(result) {
			continue
		}
		group := result.Step.Group
		if lines[group] == nil {
			lines[group] = &strings.Builder{}
			order = append(order, group)
		}
		show{palette: w.palette, to: lines[group], full: w.full}.result(result, r)
	}
	var all []section
	for _, group := range order {
		text := lines[group].String()
		number := accountOf(group)
		if w.full || number == "" {
			all = append(all, section{[]string{group}, text})
			continue
		}
		alike := strings.ReplaceAll(text, number, "{account}")
		i := slices.IndexFunc(all, func(s section) bool {
			other := accountOf(s.groups[0])
			return other != "" && strings.ReplaceAll(s.lines, other, "{account}") == alike
		})
		if i < 0 {
			all = append(all, section{[]string{group}, text})
			continue
		}
		all[i] = section{append(all[i].groups, group), alike}
	}
	return all
}

// policy writes the statements in which two policies differ, and reports whether it could
// compare the statements.
func (w show) policy(c engine.Change) bool {
	have, isHave := spec.Statements(c.Have)
	want, isWant := spec.Statements(c.Want)
	if !isHave && c.Have != "" || !isWant && c.Want != "" || slices.Equal(have, want) {
		return false
	}
	mark, color := "~", yellow
	switch {
	case c.Have == "":
		mark, color = "+", green
	case c.Want == "":
		mark, color = "-", red
	}
	w.line("      %s", w.paint(color, mark+" "+clean(c.Attribute)+":"))
	for _, s := range have {
		if !slices.Contains(want, s) {
			w.line("          %s", w.paint(red, "- "+clean(s)))
		}
	}
	same := 0
	for _, s := range want {
		if slices.Contains(have, s) {
			same++
			continue
		}
		w.line("          %s", w.paint(green, "+ "+clean(s)))
	}
	if same > 0 {
		w.line("          %s", w.paint(grey, fmt.Sprintf("(%d unchanged)", same)))
	}
	return true
}

// affected returns the groups that a plan changes: "the tenant and 3 accounts".
func affected(r engine.Report) string {
	var names []string
	accounts := map[string]bool{}
	add := func(group string) {
		if accountOf(group) != "" {
			accounts[group] = true
		} else if name := "the " + clean(group); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, result := range r.Results {
		if result.Open() {
			add(result.Step.Group)
		}
	}
	for _, removal := range r.Obsolete {
		add(removal.Group())
	}
	switch n := len(accounts); {
	case n == 1:
		names = append(names, "1 account")
	case n > 1:
		names = append(names, fmt.Sprintf("%d accounts", n))
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
