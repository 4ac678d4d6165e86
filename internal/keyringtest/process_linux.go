package keyringtest

import (
	"os"
	"os/exec"
	"syscall"
)

func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

func suspend(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }
