package entra

import (
	_ "embed" // the script is a file of its own
	"encoding/json"
	"strings"
)

//go:embed prefer.js
var preferScript string

// preparation is a script that makes the pages begin with the preferred
// method, and where nobody may be asked with none that rings a phone; "" when
// they may begin as they like.
func (s *signIn) preparation() string {
	kind, digits, _ := strings.Cut(s.preference(), ":")
	wanted, rings := []string{}, []string{}
	for _, m := range Methods {
		switch {
		case m.Rings && !s.Ask.Phone():
			rings = append(rings, strings.ToLower(m.ID))
		case kind != "" && !m.Window && (strings.EqualFold(kind, m.ID) || strings.EqualFold(kind, m.Name)):
			wanted = append(wanted, strings.ToLower(m.ID))
		}
	}
	if len(wanted) == 0 && len(rings) == 0 {
		return ""
	}
	args, err := json.Marshal([]any{wanted, digits, rings})
	if err != nil {
		panic(err) // strings always encode
	}
	return "(" + strings.TrimSpace(preferScript) + ")(..." + string(args) + ")"
}
