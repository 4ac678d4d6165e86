package browser

import (
	"slices"
	"testing"
)

// A browser that can prove that the device is managed is preferred to a headless shell,
// which cannot. Otherwise the shell is preferred, except for a visible window.
func TestCandidates(t *testing.T) {
	shell, full := headlessShells[0], fullBrowsers[0]
	for name, c := range map[string]struct {
		visible bool
		proving []string
		want    string // first candidate
	}{
		"headless":                   {false, nil, shell},
		"visible":                    {true, nil, full},
		"headless, managed device":   {false, []string{"edge"}, "edge"},
		"visible, on managed device": {true, []string{"edge"}, "edge"},
	} {
		t.Run(name, func(t *testing.T) {
			got := candidates(c.visible, c.proving)
			if got[0] != c.want || slices.Contains(got, shell) == c.visible || !slices.Contains(got, full) {
				t.Errorf("got %q, want %q first", got, c.want)
			}
		})
	}
}
