//go:build unix && !linux

package browser

import "syscall"

// Without a parent-death signal the browser still ends with us: its
// debugging pipe closes.
func dieWithParent(*syscall.SysProcAttr) {}
