package entra

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	anyDigit = regexp.MustCompile(`[0-9]`)
	// safeID is an element's name as Microsoft's script gives it. A server of
	// somebody else may put anything into one.
	safeID = regexp.MustCompile(`^(name:|form:|type:|link:)?[A-Za-z][A-Za-z0-9_-]{0,60}$`)
)

// Redacted returns the snapshot without what belongs to a person or a
// company: names, numbers of phones, addresses, texts. What is left can be
// shown to anybody, and is still recognised as the same state.
func (s Snapshot) Redacted() Snapshot {
	s.URL, s.Account, s.Detail, s.ErrorText, s.Skip = pathless(s.URL), "", "", "", ""
	s.IDs = slices.DeleteFunc(slices.Clone(s.IDs), func(id string) bool { return !safeID.MatchString(id) })
	s.Choices = slices.Clone(s.Choices)
	for i, c := range s.Choices {
		s.Choices[i].Label = ""
		if c.Kind == "account" && c.Value != "otherTile" {
			s.Choices[i].Value, s.Choices[i].Select = "somebody", ""
		}
	}
	s.Proofs = slices.Clone(s.Proofs)
	for i, p := range s.Proofs {
		s.Proofs[i].Label = anyDigit.ReplaceAllString(strings.Map(plain, p.Label), "0")
	}
	return s
}

// plain keeps of a label what a masked phone number is made of.
func plain(c rune) rune {
	if strings.ContainsRune("+-0123456789X* ", c) {
		return c
	}
	return -1
}

// pathless leaves the host alone: a path can name the tenant.
func pathless(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}).String()
}
