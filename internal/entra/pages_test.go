package entra

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Each saved page has the state in its file name, STATE.json or STATE_VARIANT.json. They
// come from login --save-diagnostics, except one-time-code, mfa-code-hidden and nudge,
// which were written manually from the element IDs in Microsoft's script.
func TestSavedPages(t *testing.T) {
	files, err := filepath.Glob("testdata/pages/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no saved pages: %v", err)
	}
	found := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var snap Snapshot
		if err := json.Unmarshal(data, &snap); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		want, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".json"), "_")
		if got := matches(snap); !slices.Equal(got, []string{want}) {
			t.Errorf("%s is recognized as %v", file, got)
		}
		found[want] = true
	}
	for _, state := range States {
		if !found[state.Name] {
			t.Errorf("no saved page for state %s", state.Name)
		}
	}
}
