//go:build windows

package prompt

import "os"

// OpenTerminal opens the console. If there is none, both files are nil; closeTerminal is
// never nil.
func OpenTerminal() (in, out *os.File, closeTerminal func()) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, nil, func() {}
	}
	out, err = os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		_ = in.Close()
		return nil, nil, func() {}
	}
	return in, out, func() { _ = in.Close(); _ = out.Close() }
}
