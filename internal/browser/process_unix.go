//go:build unix

package browser

import (
	"errors"
	"os/exec"
	"syscall"
	"time"
)

// ownGroup makes the browser the leader of a separate process group: some browser
// commands are shell wrappers, and killing only the wrapper would leave the browser
// running. Also, Ctrl-C in the terminal does not reach the browser.
func ownGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// endGroup kills the process group of pid and waits until it is gone.
func endGroup(pid int) {
	for range 200 {
		if err := syscall.Kill(-pid, syscall.SIGKILL); errors.Is(err, syscall.ESRCH) || !groupLives(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond) // there is no notification of an empty group
	}
}
