package entra

import (
	_ "embed" // the script is a file of its own
	"encoding/json"
	"strings"
)

//go:embed prefer.js
var preferScript string

// preparation returns a script that makes the pages start the preferred method
// and, in a non-interactive sign-in, none that notifies a phone. "" leaves the
// choice to the pages.
func (s *signIn) preparation() string {
	kind, digits, _ := strings.Cut(s.preference(), ":")
	preferred, rings := []string{}, []string{}
	for _, m := range Methods {
		switch {
		case m.Rings && !s.Ask.Phone():
			rings = append(rings, strings.ToLower(m.ID))
		case kind != "" && !m.Window && (strings.EqualFold(kind, m.ID) || strings.EqualFold(kind, m.Name)):
			preferred = append(preferred, strings.ToLower(m.ID))
		}
	}
	if len(preferred) == 0 && len(rings) == 0 {
		return ""
	}
	args, err := json.Marshal([]any{preferred, digits, rings})
	if err != nil {
		panic(err) // strings always encode
	}
	return "(" + strings.TrimSpace(preferScript) + ")(..." + string(args) + ")"
}
