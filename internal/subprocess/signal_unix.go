//go:build unix

package subprocess

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/o365aws/o365aws/internal/coredump"
)

// passedOn are the signals that a command may want to hear of.
var passedOn = []os.Signal{
	syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH, syscall.SIGCONT,
}

// fromTerminal tells whether the terminal has sent a signal to the command as
// well: it sends to its whole foreground group. Twice the same interrupt would
// have Terraform, for one, give up at once.
func fromTerminal(s os.Signal) bool {
	if s != syscall.SIGINT && s != syscall.SIGQUIT && s != syscall.SIGWINCH {
		return false
	}
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer func() { _ = tty.Close() }()
	foreground, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && foreground == syscall.Getpgrp()
}

func signalOf(state *os.ProcessState) (int, bool) {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return 0, false
	}
	return int(status.Signal()), true
}

// Become replaces this process by the command: nothing is left that could
// stand between it and its signals. It returns only when that fails, and the
// streams of c must be this process's own.
func Become(c Command) error {
	path, err := find(c)
	if err != nil {
		return err
	}
	coredump.Restore()
	return notStarted(syscall.Exec(path, c.Args, c.Env)) // running what the person says is the purpose
}
