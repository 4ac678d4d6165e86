//go:build unix

package prompt

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// watchKeys makes a terminal pass on each key without showing it. It fails for a process
// in the background, which the terminal would stop.
func watchKeys(fd int) error {
	if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err != nil || group != unix.Getpgrp() {
		return errors.New("not in the foreground")
	}
	termios, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return err
	}
	termios.Lflag &^= unix.ECHO | unix.ICANON
	termios.Cc[unix.VMIN], termios.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(fd, setTermios, termios)
}

// keyReady reports whether there is input within limit.
func keyReady(fd int, limit time.Duration) bool {
	if fd >= unix.FD_SETSIZE {
		return true // select cannot wait for it
	}
	var set unix.FdSet
	set.Set(fd)
	wait := unix.NsecToTimeval(limit.Nanoseconds())
	n, err := unix.Select(fd+1, &set, nil, nil, &wait)        // poll does not support terminals of macOS
	return n > 0 || err != nil && !errors.Is(err, unix.EINTR) // the read returns the error
}
