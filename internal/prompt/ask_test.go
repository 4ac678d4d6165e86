package prompt_test

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/o365aws/o365aws/internal/prompt"
)

// A question that is left without an answer ends its line: what is said of it
// begins on the next.
func TestUnansweredQuestionEndsItsLine(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, ctx := range map[string]context.Context{"interrupted": ended, "end of input": t.Context()} {
		in, keyboard, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		screen, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if ctx.Err() == nil {
			_ = keyboard.Close()
		}
		if _, err := prompt.New(prompt.Options{In: in, Out: out, Err: io.Discard}).Answer(ctx, "E-mail address: "); err == nil {
			t.Errorf("%s: no error", name)
		}
		_ = out.Close()
		shown, err := io.ReadAll(screen)
		if want := "E-mail address: \n"; err != nil || string(shown) != want {
			t.Errorf("%s: %q, %v", name, shown, err)
		}
		_, _, _ = keyboard.Close(), in.Close(), screen.Close()
	}
}
