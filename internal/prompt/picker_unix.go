//go:build unix

package prompt

import (
	"os"
	"syscall"
)

// resizeSignals tell that the window has another size.
var resizeSignals = []os.Signal{syscall.SIGWINCH}

// sequences does nothing: terminals of Unix understand them.
func sequences(*os.File) (restore func()) { return func() {} }
