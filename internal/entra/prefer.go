package entra

import (
	_ "embed" // the script is a file of its own
	"encoding/json"
	"slices"
	"strings"
)

//go:embed prefer.js
var preferScript string

// Preference is how the pages of multifactor authentication begin. The zero
// value leaves that to the pages.
type Preference struct {
	methods []string // lower-case ids of the preferred method
	digits  string   // last digits of the preferred phone, "" for any
	quiet   []string // lower-case ids of methods that must not begin by themselves
}

// preparation makes the pages begin with the preferred method and, in a
// non-interactive sign-in, with none that notifies a phone.
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

// IsZero reports whether the pages decide.
func (p Preference) IsZero() bool { return len(p.methods) == 0 && len(p.quiet) == 0 }

// Script returns JavaScript that applies the preference to each page before its
// own scripts run.
func (p Preference) Script() string {
	args, err := json.Marshal([]any{p.methods, p.digits, p.quiet})
	if err != nil {
		panic(err) // strings always encode
	}
	return "(" + strings.TrimSpace(preferScript) + ")(..." + string(args) + ")"
}

// apply does the same as the script.
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
