package repotest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var toolchain = regexp.MustCompile(`(?m)^toolchain (go1\.\d+\.\d+)$`)

// TestToolchain checks that every module names the same patched Go release, and that
// every workflow installs the release in go.mod.
func TestToolchain(t *testing.T) {
	want := toolchain.FindStringSubmatch(readText(t, "../../go.mod"))
	if want == nil {
		t.Fatal("go.mod has no toolchain line")
	}
	modules, err := filepath.Glob("../../tools/*/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(modules, "../../tools/go.mod") {
		got := toolchain.FindStringSubmatch(readText(t, path))
		if got == nil || got[1] != want[1] {
			t.Errorf("%s: toolchain %v, want %s as in go.mod", path, got, want[1])
		}
	}
	workflows, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(workflows) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	for _, path := range workflows {
		text := readText(t, path)
		setups := strings.Count(text, "actions/setup-go@")
		if got := strings.Count(text, "go-version-file: go.mod\n"); got != setups || strings.Contains(text, "go-version:") {
			t.Errorf("%s: %d of %d setup-go steps use go-version-file: go.mod, want all", path, got, setups)
		}
		runs := strings.Count(text, "- run: .ci/run\n")
		if got := strings.Count(text, "- run: .ci/run\n        env:\n          O365AWS_OFFLINE: \"0\""); got != runs {
			t.Errorf("%s: %d of %d runs of .ci/run require the vulnerability database, want all", path, got, runs)
		}
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
