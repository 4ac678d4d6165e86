package browser

import (
	"errors"
	"strings"
	"testing"
)

// Chromium suggests --no-sandbox in two cases, each of which has a different fix.
func TestStartFault(t *testing.T) {
	const root = "Running as root without --no-sandbox is not supported."
	const user = "No usable sandbox! … you can try using --no-sandbox."
	for _, c := range []struct {
		output string
		root   bool
		want   string
	}{
		{root, true, "as root"},
		{user, false, "user namespaces"},
		{"something else", false, "did not start: gone"},
	} {
		if err := startFault(Options{Path: "/usr/bin/chromium"}, errors.New("gone"), c.output, c.root); !strings.Contains(
			err.Error(), c.want,
		) {
			t.Errorf("%q: %v", c.output, err)
		}
	}
}
