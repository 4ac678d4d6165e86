package prompt

import (
	"context"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/o365aws/o365aws/internal/fault"
)

// Answer prompts for one line. Without a terminal, it returns an error with hints.
func (t *Terminal) Answer(ctx context.Context, label string, hints ...string) (string, error) {
	if !t.present() {
		return "", fault.New(fault.NeedsInput, "an answer is required, but input is not available", hints...)
	}
	return t.ask(ctx, label)
}

// IsTerminal reports whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
