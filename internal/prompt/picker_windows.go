package prompt

import (
	"os"

	"golang.org/x/sys/windows"
)

// resizeSignals is empty: the size is looked up at each key.
var resizeSignals []os.Signal

// sequences has the console understand escape sequences, and returns what
// undoes that.
func sequences(out *os.File) (restore func()) {
	handle := windows.Handle(out.Fd())
	var mode uint32
	if windows.GetConsoleMode(handle, &mode) != nil {
		return func() {}
	}
	_ = windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) // older consoles have none
	return func() { _ = windows.SetConsoleMode(handle, mode) }
}
