package cli

import (
	"io"

	"github.com/o365aws/o365aws/internal/prompt"
)

// ANSI colors: green for new, yellow for changed, red for errors.
const (
	green, yellow, red, cyan, grey, bold = "32", "33", "31", "36", "90", "1"
)

// palette colors text for a stream, or leaves it unchanged.
type palette struct{ on bool }

// painted returns the palette for a stream: colors only on a terminal, unless a flag or
// the environment overrides this.
func (s *output) painted(to io.Writer) palette {
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
