package repotest

import (
	"os"
	"strings"
	"testing"
)

// Each test that public CI skips on macOS or Windows exists and has a reason.
func TestCISkips(t *testing.T) {
	rows := 0
	for line := range strings.Lines(readText(t, "../../scripts/ci-skips.txt")) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		rows++
		fields := strings.Split(strings.TrimSpace(line), " | ")
		if len(fields) != 3 || len(fields[2]) < 10 {
			t.Errorf("got %q, want SYSTEMS | TEST | REASON", line)
			continue
		}
		for system := range strings.FieldsSeq(fields[0]) {
			if system != "macos" && system != "windows" {
				t.Errorf("got system %q, want macos or windows", system)
			}
		}
		script, ok := strings.CutPrefix(fields[1], "TestScripts/")
		if _, err := os.Stat("../cli/testdata/script/" + script + ".txtar"); !ok || err != nil {
			t.Errorf("got test %q, want one of TestScripts that exists: %v", fields[1], err)
		}
	}
	if rows == 0 {
		t.Error("got no rows")
	}
	workflow := readText(t, "../../.github/workflows/ci.yml")
	for _, system := range []string{"macos", "windows"} {
		if !strings.Contains(workflow, "name: "+system) || !strings.Contains(workflow, "scripts/test-elsewhere.sh ${{ matrix.name }}") {
			t.Errorf("ci.yml: want a run of scripts/test-elsewhere.sh on %s", system)
		}
	}
}
