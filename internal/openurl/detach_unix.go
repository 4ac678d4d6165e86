//go:build unix

package openurl

import (
	"os/exec"
	"syscall"
)

const listSeparator = ':'

// detach starts the browser in a separate session, so that it outlives this process and
// does not receive Ctrl-C.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
