package configure

import (
	"bytes"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff returns the change from one text to another as diff -u shows it; "" if
// they are equal.
func Diff(name string, from, to []byte) string {
	text := diff.Diff(name, from, name, to)
	_, text, _ = bytes.Cut(text, []byte("\n")) // the line "diff NAME NAME"
	return string(text)
}
