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

// maxStart bounds, in bytes, what the initialisation of one package allocates. A
// time would differ from machine to machine. Compiling the expressions of one
// package fits; a counted repetition or a table built at every start does not.
const maxStart = 200_000

// notOurs are packages above the bound, and why.
var notOurs = map[string]string{
	"github.com/aws/aws-sdk-go-v2/service/organizations/schemas": "the SDK's tables of an API; under half a millisecond",
}

// No package that the program links does much before main.
func TestNothingIsDoneAtStart(t *testing.T) {
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
			t.Errorf("%s allocates %d bytes before main", fields[1], bytes)
		}
	}
	if seen < 50 {
		t.Errorf("%d packages only are initialised", seen)
	}
}
