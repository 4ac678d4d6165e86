//go:build unix

package cli_test

import "testing"

// inTurn lets a test run at the same time as others, when it is its turn.
func inTurn(t *testing.T) {
	t.Helper()
	t.Parallel()
	t.Cleanup(aTurn())
}
