//go:build unix && !linux

package browser

import (
	"errors"
	"syscall"
)

// Without a parent-death signal the browser still ends with us: its
// debugging pipe closes.
func dieWithParent(*syscall.SysProcAttr) {}

// groupLives reports whether a process of the group still runs.
func groupLives(pgid int) bool { return !errors.Is(syscall.Kill(-pgid, 0), syscall.ESRCH) }
