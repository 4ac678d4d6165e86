//go:build unix

package prompt

import (
	"os"
	"syscall"
)

// resizeSignals report that the window was resized.
var resizeSignals = []os.Signal{syscall.SIGWINCH}

// enableSequences does nothing: Unix terminals support escape sequences.
func enableSequences(*os.File) (restore func()) { return func() {} }
