package repotest

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// threats is the number of rows in docs/security.md.
const threats = 39

var (
	threatRow   = regexp.MustCompile(`(?m)^\| (\d+) \|(.*)\|$`)
	namedTest   = regexp.MustCompile("`([a-z0-9/-]+)\\.((?:Test|Fuzz)[A-Za-z0-9_]+)`")
	namedScript = regexp.MustCompile("`([a-z0-9_]+\\.txtar)`")
)

// Every threat names existing tests, or explains why it cannot occur.
func TestThreatsHaveTests(t *testing.T) {
	data, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := threatRow.FindAllStringSubmatch(string(data), -1)
	if len(rows) != threats {
		t.Errorf("got %d rows of threats, want %d", len(rows), threats)
	}
	for i, row := range rows {
		if row[1] != strconv.Itoa(i+1) {
			t.Errorf("row %d is numbered %s", i+1, row[1])
		}
		tests, scripts := namedTest.FindAllStringSubmatch(row[2], -1), namedScript.FindAllStringSubmatch(row[2], -1)
		if len(tests)+len(scripts) == 0 && !strings.Contains(row[2], "cannot happen") {
			t.Errorf("threat %s names no test and does not explain why it cannot occur", row[1])
		}
		for _, test := range tests {
			if !hasTest(t, test[1], test[2]) {
				t.Errorf("threat %s: there is no %s in internal/%s", row[1], test[2], test[1])
			}
		}
		for _, script := range scripts {
			if _, err := os.Stat("../cli/testdata/script/" + script[1]); err != nil {
				t.Errorf("threat %s: %v", row[1], err)
			}
		}
	}
}

// hasTest reports whether a package under internal has a test of that name.
func hasTest(t *testing.T, pkg, name string) bool {
	t.Helper()
	files, err := filepath.Glob("../" + pkg + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}

var (
	action = regexp.MustCompile(`(?m)^\s*(?:- )?uses:\s*(\S+)`)
	pinned = regexp.MustCompile(`^[A-Za-z0-9._/-]+@[0-9a-f]{40}$`)
)

// Workflows pin third-party actions to a commit, because tags can be moved.
func TestActionsArePinned(t *testing.T) {
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	seen := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range action.FindAllStringSubmatch(string(data), -1) {
			seen++
			if !pinned.MatchString(found[1]) {
				t.Errorf("%s uses %s, which is not pinned to a commit", filepath.Base(file), found[1])
			}
		}
	}
	if seen == 0 {
		t.Error("no action found")
	}
}
