package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/prompt"
)

// say writes a line for people, and goes on below it where a terminal ends. An
// error of stderr has nowhere to go.
func (s *session) say(format string, args ...any) { s.sayAfter("", format, args...) }

// sayAfter is say with words before the text, which the lines below it are
// indented by.
func (s *session) sayAfter(lead, format string, args ...any) {
	text := wrap(fmt.Sprintf(format, args...), prompt.Width(s.Stderr), termtext.Columns(lead))
	_, _ = fmt.Fprintln(s.Stderr, lead+text)
}

// sayAsIs writes lines that are no prose: a difference of files, a document.
func (s *session) sayAsIs(text string) { _, _ = fmt.Fprintln(s.Stderr, text) }

// wrap breaks a text between words so that it stays right of an indent in a
// window; 0 is a window without an end. A text that fits stays as it is.
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

// tilde shortens paths in the home folder, as people write them.
func (s *session) tilde(text string) string {
	home, err := s.UserHome()
	if err != nil || len(home) < 2 {
		return text
	}
	return strings.ReplaceAll(text, home+string(os.PathSeparator), "~"+string(os.PathSeparator))
}

// capitalized returns an ASCII text with a capital letter at its start.
func capitalized(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
