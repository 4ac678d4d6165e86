package cli

import (
	"io"

	"github.com/o365aws/o365aws/internal/prompt"
)

// The colours of signs: what comes, what changes, what goes wrong; and of what
// stands out or back.
const (
	green, yellow, red, cyan, grey, bold = "32", "33", "31", "36", "90", "1"
)

// palette is how text is shown on a stream: with colour, or as it is.
type palette struct{ on bool }

// painted decides for a stream: colours only for a person who wants them.
func (s *session) painted(to io.Writer) palette {
	return palette{
		s.color == "always" ||
			s.color != "never" && s.Getenv("NO_COLOR") == "" && s.Getenv("TERM") != "dumb" && prompt.IsTerminal(to),
	}
}

func (p palette) paint(color, text string) string {
	if !p.on || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}
