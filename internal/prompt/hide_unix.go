//go:build unix

package prompt

import "golang.org/x/sys/unix"

// hide disables echo on a terminal.
func hide(fd int) error {
	termios, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return err
	}
	termios.Lflag &^= unix.ECHO
	return unix.IoctlSetTermios(fd, setTermios, termios)
}
