//go:build unix && !linux

package browser

import (
	"errors"
	"syscall"
)

// dieWithParent does nothing: without a parent-death signal, the browser exits when its
// debugging pipe closes.
func dieWithParent(*syscall.SysProcAttr) {}

// groupLives reports whether a process of the group is still running.
func groupLives(pgid int) bool { return !errors.Is(syscall.Kill(-pgid, 0), syscall.ESRCH) }
