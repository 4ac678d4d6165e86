package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/termtext"
)

// output writes data to stdout and messages to stderr, in the format of the common
// flags.
type output struct {
	Env
	json    bool
	oneLine bool // print an error on one line, and no warnings
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

// say writes a message to stderr, wrapped for the terminal. There is nowhere to
// report an error of stderr.
func (s *output) say(format string, args ...any) { s.sayAfter("", format, args...) }

// sayAfter writes lead and a message; further lines are indented by the width of lead.
func (s *output) sayAfter(lead, format string, args ...any) {
	text := wrap(fmt.Sprintf(format, args...), prompt.Width(s.Stderr), termtext.Columns(lead))
	_, _ = fmt.Fprintln(s.messages(), lead+text)
}

// sayAsIs writes text that must not be wrapped, such as a diff.
func (s *output) sayAsIs(text string) { _, _ = fmt.Fprintln(s.messages(), text) }

// wrap breaks a text between words so that its lines, indented, fit the window.
// Window 0 is unlimited. A text that fits is returned unchanged.
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

// tilde shortens paths in the home folder to ~.
func (s *output) tilde(text string) string {
	home, err := s.UserHome()
	if err != nil || len(home) < 2 {
		return text
	}
	return strings.ReplaceAll(text, home+string(os.PathSeparator), "~"+string(os.PathSeparator))
}

// capitalized returns an ASCII text with a capital letter at its start.
func capitalized(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
