// Package testenv skips tests that need programs other than Go with -short. Without
// -short, a missing program makes such a test fail.
package testenv

import (
	"strings"
	"testing"
)

// Needs skips the test with -short, with a message that names the programs that it needs.
func Needs(t testing.TB, programs ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip(Reason(programs...))
	}
}

// Reason returns the message of a skipped test.
func Reason(programs ...string) string { return "-short: needs " + strings.Join(programs, ", ") }
