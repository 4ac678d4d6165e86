package cli

import (
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/termtext"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text           string
		window, indent int
		want           string
	}{
		{"a text  that fits", 40, 10, "a text  that fits"},
		{"no window at all, so it stays", 0, 10, "no window at all, so it stays"},
		{"this is longer than the window", 20, 4, "this is longer\n    than the window"},
		{"  ( ) an indented line", 14, 0, "  ( ) an\nindented line"},
		{"a-word-that-is-longer-than-all and more", 12, 0, "a-word-that-is-longer-than-all\nand more"},
		{"漢字漢字 漢字漢字", 12, 0, "漢字漢字\n漢字漢字"},
		{"too narrow to be broken", 9, 4, "too narrow to be broken"},
		{"lines\nof a tool that we ran", 20, 0, "lines of a tool that\nwe ran"},
	} {
		t.Run(c.text, func(t *testing.T) {
			if got := wrap(c.text, c.window, c.indent); got != c.want {
				t.Errorf("%d columns, indented by %d: got %q, want %q", c.window, c.indent, got, c.want)
			}
		})
	}
}

// Help fits the width, and every flag has a placeholder for its value.
func TestHelpFitsTheWidth(t *testing.T) {
	s := &invocation{}
	for _, width := range []int{70, 80, 100} {
		p := &helpPage{width: width}
		text := p.rows(flagRows(s.configureCommand().Flags)) + p.prose(s.processCommand().Description)
		for line := range strings.Lines(text) {
			if n := termtext.Columns(strings.TrimSuffix(line, "\n")); n > width &&
				!strings.Contains(line, "credential_process =") &&
				!strings.Contains(line, "o365aws credential-process --profile") {
				t.Errorf("got %d columns, want at most %d: %s", n, width, line)
			}
		}
		if strings.Contains(text, "VALUE") {
			t.Errorf("a flag without a placeholder for its value:\n%s", text)
		}
	}
}
