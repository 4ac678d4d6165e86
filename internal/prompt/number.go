package prompt

import (
	"fmt"
	"io"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"
)

// digits maps each digit to a glyph of three columns and five rows.
var digits = map[rune][5]string{
	'0': {"###", "# #", "# #", "# #", "###"},
	'1': {" # ", "## ", " # ", " # ", "###"},
	'2': {"###", "  #", "###", "#  ", "###"},
	'3': {"###", "  #", "###", "  #", "###"},
	'4': {"# #", "# #", "###", "  #", "  #"},
	'5': {"###", "#  ", "###", "  #", "###"},
	'6': {"###", "#  ", "###", "# #", "###"},
	'7': {"###", "  #", "  #", "  #", "  #"},
	'8': {"###", "# #", "###", "# #", "###"},
	'9': {"###", "# #", "###", "  #", "###"},
}

// Number shows the number to enter in the authenticator app: as text, and on a terminal
// also in large digits.
func (t *Terminal) Number(number string) {
	defer t.Progress.Pause()()
	text := termtext.Printable(number, 8)
	var to io.Writer = t.Err
	if t.Out != nil {
		to = t.Out
	}
	_, _ = fmt.Fprintf(to, "\n    Tap this number in the Authenticator app:  %s\n\n", text)
	if t.Out != nil && !t.Dumb {
		_, _ = io.WriteString(to, t.large(text)+"\n")
	}
}

// large returns a number in large digits, or "" if the text has other characters.
func (t *Terminal) large(number string) string {
	dot := "##"
	if t.Color {
		dot = "\x1b[7m  \x1b[0m" // rendered by every font
	}
	var b strings.Builder
	for row := range 5 {
		b.WriteString("        ")
		for _, digit := range number {
			pattern, ok := digits[digit]
			if !ok {
				return ""
			}
			b.WriteString(strings.ReplaceAll(strings.ReplaceAll(pattern[row], " ", "  "), "#", dot) + "    ")
		}
		b.WriteString("\n")
	}
	return b.String()
}
