//go:build linux

package cli_test

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// maxStart limits the allocations of a package's initialization, in bytes. Compiling a
// package's regular expressions stays below it; a counted repetition or a large table
// does not.
const maxStart = 200_000

// notOurs lists packages above the limit, with reasons.
var notOurs = map[string]string{
	"github.com/aws/aws-sdk-go-v2/service/organizations/schemas": "the SDK's tables of an API; under half a millisecond",
}

// No package linked into the program does much work before main.
func TestPackageInitialization(t *testing.T) {
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	trace, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, line := range strings.Split(string(trace), "\n") {
		// init NAME @T ms, D ms clock, N bytes, M allocs
		fields := strings.Fields(line)
		if len(fields) < 9 || fields[0] != "init" {
			continue
		}
		seen++
		at := slices.Index(fields, "bytes,")
		bytes, err := strconv.Atoi(fields[at-1])
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if bytes > maxStart && notOurs[fields[1]] == "" {
			t.Errorf("%s: got %d bytes allocated before main, want at most %d", fields[1], bytes, maxStart)
		}
	}
	if seen < 50 {
		t.Errorf("got %d packages in the trace, want at least 50", seen)
	}
}
