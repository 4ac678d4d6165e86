package entra

import (
	_ "embed" // for the embedded script
	"encoding/json"
	"slices"
	"strings"
)

//go:embed prefer.js
var preferScript string

// Preference determines how MFA pages start. The zero value does not change them.
type Preference struct {
	methods []string // lower-case IDs of the preferred method
	digits  string   // last digits of the preferred phone; "" for any
	quiet   []string // lower-case IDs of methods that must not start automatically
}

// preparation returns a Preference that starts the preferred method and, in a
// non-interactive sign-in, none that notifies a phone.
func (s *signIn) preparation() Preference {
	kind, digits, _ := strings.Cut(s.preference(), ":")
	p := Preference{methods: []string{}, digits: digits, quiet: []string{}}
	for _, m := range Methods {
		switch {
		case m.Rings && !s.Ask.Phone():
			p.quiet = append(p.quiet, strings.ToLower(m.ID))
		case kind != "" && !m.Window && (strings.EqualFold(kind, m.ID) || strings.EqualFold(kind, m.Name)):
			p.methods = append(p.methods, strings.ToLower(m.ID))
		}
	}
	return p
}

// IsZero reports whether p does not change the pages.
func (p Preference) IsZero() bool { return len(p.methods) == 0 && len(p.quiet) == 0 }

// Script returns JavaScript that applies the preference on each page before the page's
// own scripts run.
func (p Preference) Script() string {
	args, err := json.Marshal([]any{p.methods, p.digits, p.quiet})
	if err != nil {
		panic(err) // strings can always be encoded
	}
	return "(" + strings.TrimSpace(preferScript) + ")(..." + string(args) + ")"
}

// apply changes proofs as the script does.
func (p Preference) apply(proofs []proof) {
	var fitting []int
	for i, proof := range proofs {
		if slices.Contains(p.methods, strings.ToLower(proof.Method)) &&
			strings.HasSuffix(lastDigits(proof.Display), p.digits) {
			fitting = append(fitting, i)
		}
	}
	for i := range proofs {
		switch {
		case len(fitting) == 1:
			proofs[i].Default = i == fitting[0]
		case slices.Contains(p.quiet, strings.ToLower(proofs[i].Method)):
			proofs[i].Default = false
		}
	}
}
