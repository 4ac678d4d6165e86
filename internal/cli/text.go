package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/termtext"
)

// output writes data to stdout and messages to stderr, as configured by the common flags.
type output struct {
	Env
	json    bool
	oneLine bool // print errors on one line, and no warnings
	color   string
	// progress is nil if stderr is not a terminal.
	progress *prompt.Progress
}

// messages returns the writer for messages on stderr.
func (s *output) messages() io.Writer {
	if s.progress != nil {
		return s.progress
	}
	return s.Stderr
}

// say writes a message to stderr, wrapped for the terminal. It ignores errors, because
// there is no other stream to report them on.
func (s *output) say(format string, args ...any) { s.sayAfter("", format, args...) }

// sayAfter writes lead followed by a message; continuation lines are indented by the
// width of lead.
func (s *output) sayAfter(lead, format string, args ...any) {
	text := wrap(fmt.Sprintf(format, args...), prompt.Width(s.Stderr), termtext.Columns(lead))
	_, _ = fmt.Fprintln(s.messages(), lead+text)
}

// sayAsIs writes text that must not be wrapped, such as a diff.
func (s *output) sayAsIs(text string) { _, _ = fmt.Fprintln(s.messages(), text) }

// wrap wraps text at spaces so that its lines, indented, fit the window. Window 0 is
// unlimited. Text that fits is returned unchanged.
func wrap(text string, window, indent int) string {
	room := window - indent
	if window == 0 || room < narrowest || termtext.Columns(text) <= room {
		return text
	}
	var lines []string
	line := text[:len(text)-len(strings.TrimLeft(text, " "))]
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
			line += word
		case termtext.Columns(line+" "+word) > room:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	return strings.Join(append(lines, line), "\n"+strings.Repeat(" ", indent))
}

// tilde replaces the home folder in paths with ~.
func (s *output) tilde(text string) string {
	home, err := s.UserHome()
	if err != nil || len(home) < 2 {
		return text
	}
	return strings.ReplaceAll(text, home+string(os.PathSeparator), "~"+string(os.PathSeparator))
}

// capitalized returns ASCII text with an initial capital letter.
func capitalized(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
