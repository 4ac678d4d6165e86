package prompt

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Width returns the number of columns of w, or 0 if it is not a terminal.
func Width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}
