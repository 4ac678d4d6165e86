//go:build unix

package prompt

import (
	"os"

	"golang.org/x/term"
)

// OpenTerminal opens the controlling terminal. If there is none, both files are nil;
// closeTerminal is never nil.
func OpenTerminal() (in, out *os.File, closeTerminal func()) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, nil, func() {}
	}
	if !term.IsTerminal(int(tty.Fd())) {
		_ = tty.Close()
		return nil, nil, func() {}
	}
	return tty, tty, func() { _ = tty.Close() }
}
