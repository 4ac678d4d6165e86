package prompt_test

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/o365aws/o365aws/internal/prompt"
)

// An unanswered prompt ends its line, so that the next message starts on a new one.
func TestUnansweredPromptEndsItsLine(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, ctx := range map[string]context.Context{"interrupted": ended, "end of input": t.Context()} {
		t.Run(name, func(t *testing.T) {
			in, keyboard, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			screen, out, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _, _, _ = keyboard.Close(), in.Close(), screen.Close() }()
			if ctx.Err() == nil {
				_ = keyboard.Close()
			}
			terminal := prompt.New(prompt.Options{In: in, Out: out, Err: io.Discard})
			if _, err := terminal.Answer(ctx, "E-mail address: "); err == nil {
				t.Error("got no error")
			}
			_ = out.Close()
			shown, err := io.ReadAll(screen)
			if want := "E-mail address: \n"; err != nil || string(shown) != want {
				t.Errorf("got %q and error %v, want %q", shown, err, want)
			}
		})
	}
}
