//go:build unix

package openurl

import (
	"os/exec"
	"syscall"
)

const listSeparator = ':'

// detach lets the browser live on when we end, and keeps Ctrl-C from it.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
