//go:build unix

package subprocess

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/o365aws/o365aws/internal/coredump"
)

// passedOn lists the signals to forward.
var passedOn = []os.Signal{
	syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2,
	syscall.SIGWINCH, syscall.SIGCONT,
}

// fromTerminal reports whether the terminal has also sent the signal to the command,
// because a terminal signals its foreground process group. Terraform, for example, aborts
// on a second interrupt.
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

// Become replaces this process with the command, which then receives signals directly. It
// returns only on failure. The streams of c must be those of this process.
func Become(c Command) error {
	path, err := find(c)
	if err != nil {
		return err
	}
	coredump.Restore()
	return notStarted(syscall.Exec(path, c.Args, c.Env)) // running the user's command is the purpose
}
