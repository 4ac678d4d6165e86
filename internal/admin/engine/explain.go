package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/admin/spec"
)

// Explain returns Markdown that describes the steps: their purpose, how to do
// them by hand, and the permissions that they need. Of several accounts it
// describes the first.
func Explain(steps []Step) string {
	var b strings.Builder
	b.WriteString("# What o365aws admin apply does\n\n" +
		"Each step checks before it writes, so a run can be interrupted and repeated at any time.\n" +
		"What o365aws creates in AWS has the tag `" + spec.TagKey + "` with the name of the setup; `admin destroy` deletes that\n" +
		"and nothing else.\n")
	group, seen, n := "", map[string]bool{}, 0
	for _, s := range steps {
		if seen[kindOf(s)] {
			continue
		}
		seen[kindOf(s)] = true
		if s.Group != group {
			group = s.Group
			fmt.Fprintf(&b, "\n## In the %s\n", group)
		}
		n++
		fmt.Fprintf(&b, "\n### %d. %s\n\n%s\n", n, strings.ToUpper(s.Title[:1])+s.Title[1:], s.Why)
		explainByHand(&b, s)
	}
	return b.String()
}

func explainByHand(b *strings.Builder, s Step) {
	if len(s.Manual) > 0 {
		b.WriteString("\nBy hand:\n\n")
		for i, line := range s.Manual {
			fmt.Fprintf(b, "%d. %s\n", i+1, line)
		}
	}
	if s.Command != "" {
		fmt.Fprintf(b, "\nOn a command line:\n\n```\n%s\n```\n", s.Command)
	}
	if len(s.Permissions) > 0 {
		var rights []string
		for _, p := range s.Permissions {
			if right := "`" + p.Action + "`"; !slices.Contains(rights, right) {
				rights = append(rights, right)
			}
		}
		fmt.Fprintf(b, "\nNeeds %s.\n", strings.Join(rights, ", "))
	}
}

// kindOf returns the same text for the steps of a kind in all accounts.
func kindOf(s Step) string {
	parts := strings.SplitN(string(s.ID), "/", 3)
	if len(parts) == 3 && spec.IsAccountNumber(parts[1]) {
		return parts[0] + "//" + parts[2]
	}
	return string(s.ID)
}
