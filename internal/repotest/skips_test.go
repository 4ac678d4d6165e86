package repotest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// skipReasons lists the valid reasons for skipping a test, in addition to "only root can
// ...". A missing program is not a valid reason: such a test calls testenv.Needs, which
// skips it only with -short and fails it otherwise.
var skipReasons = []string{
	"Windows has no file modes",
	"Unix paths",
	"Unix command",
	"POSIX shells are not part of Windows",
	"PowerShell is not installed; TestPowerShellQuotes checks the quoting rules",
	"core dumps are disabled on this machine",
	"core files are not written to the current folder",
	"no core file was written",
	"the kernel keyring is not available here",
	"run by make mutants",
	"no IPv6",
}

var skipCall = regexp.MustCompile("[.]Skip(?:f|Now)?\\((?:\"([^\"]*)\"|`([^`]*)`|([^)]*))")

func TestNoTestIsSkippedForAMissingProgram(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("../..", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") {
			return err
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, call := range skipCall.FindAllStringSubmatch(string(source), -1) {
			seen++
			reason := call[1] + call[2] + call[3]
			if !slices.Contains(skipReasons, reason) && !strings.HasPrefix(reason, "only root can ") &&
				!strings.HasSuffix(reason, "Reason(programs...") {
				t.Errorf("%s skips a test: %q; use testenv.Needs, or add the reason to skipReasons", file, reason)
			}
		}
		return nil
	})
	if err != nil || seen < len(skipReasons) {
		t.Errorf("found %d calls of Skip, %v", seen, err)
	}
}
