package prompt

import (
	"os"

	"golang.org/x/sys/windows"
)

// resizeSignals is empty: the size is checked at each key instead.
var resizeSignals []os.Signal

// enableSequences enables escape sequences on the console. restore reverts that.
func enableSequences(out *os.File) (restore func()) {
	handle := windows.Handle(out.Fd())
	var mode uint32
	if windows.GetConsoleMode(handle, &mode) != nil {
		return func() {}
	}
	_ = windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) // older consoles lack it
	return func() { _ = windows.SetConsoleMode(handle, mode) }
}
