//go:build unix

package prompt

import (
	"os"
	"syscall"
)

// resizeSignals lists the signals that report a resized window.
var resizeSignals = []os.Signal{syscall.SIGWINCH}

// enableSequences does nothing: Unix terminals support escape sequences.
func enableSequences(*os.File) (restore func()) { return func() {} }
