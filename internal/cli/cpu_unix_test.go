//go:build unix

package cli_test

import "testing"

// parallelOnCPU runs a test in parallel with others once a CPU slot is free.
func parallelOnCPU(t *testing.T) {
	t.Helper()
	t.Parallel()
	t.Cleanup(acquireCPU())
}
