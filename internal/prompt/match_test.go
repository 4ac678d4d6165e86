package prompt

import (
	"fmt"
	"slices"
	"testing"
)

// Words match in any order, as a substring of a label or as an abbreviation of one field.
// Exact matches come first.
func TestMatchLabels(t *testing.T) {
	labels := []string{
		"111122223333  production-eu  Developer",
		"111122223333  production-eu  ReadOnly",
		"444455556666  sandbox        Developer",
		"444455556666  sandbox        dev-lpr-tools",
	}
	for filter, want := range map[string][]int{
		"":                   {0, 1, 2, 3},
		"dvlpr":              {3, 0, 2},
		"DVLPR sandbox":      {3, 2},
		"developer 4444":     {2},
		"prod/dev":           {0},
		"lpr":                {3, 0, 2},
		"ro":                 {0, 1, 3},
		"reader":             nil,
		"productiondevelope": nil,
	} {
		t.Run(filter, func(t *testing.T) {
			var got []int
			for _, m := range matchLabels(labels, filter) {
				got = append(got, m.label)
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestHighlight(t *testing.T) {
	m := matchLabels([]string{"a Developer"}, "dvl")[0]
	got := fmt.Sprintf("%q", m.highlight("> a Developer", 2, "36"))
	want := `"\x1b[36m> a \x1b[1;4mD\x1b[0;36me\x1b[1;4mv\x1b[0;36me\x1b[1;4ml\x1b[0;36moper\x1b[0m"`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
