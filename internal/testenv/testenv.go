// Package testenv leaves out the tests that need more than Go when the user asks
// for that with -short. Without -short no test is skipped for a missing program.
package testenv

import (
	"strings"
	"testing"
)

// Needs skips the test under -short, naming the programs that it needs.
func Needs(t testing.TB, programs ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip(Reason(programs...))
	}
}

// Reason returns the text with which a test is skipped.
func Reason(programs ...string) string { return "-short: needs " + strings.Join(programs, ", ") }
