package entra

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// safeID matches element ids such as Microsoft's. A foreign server may put
// anything into one.
var safeID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(name:|form:|type:|link:)?[A-Za-z][A-Za-z0-9_-]{0,60}$`)
})

// Redacted returns the snapshot without personal data: names, phone numbers,
// addresses, texts. It can be published, and is recognised as the same state.
func (s Snapshot) Redacted() Snapshot {
	s.URL, s.Account, s.Detail, s.ErrorText, s.Skip = pathless(s.URL), "", "", "", ""
	s.IDs = slices.DeleteFunc(slices.Clone(s.IDs), func(id string) bool { return !safeID().MatchString(id) })
	s.Choices = slices.Clone(s.Choices)
	for i, c := range s.Choices {
		s.Choices[i].Label = ""
		if c.Kind == "account" && c.Value != "otherTile" {
			s.Choices[i].Value, s.Choices[i].Select = "redacted", ""
		}
	}
	s.Proofs = slices.Clone(s.Proofs)
	for i, p := range s.Proofs {
		s.Proofs[i].Label = strings.Map(plain, p.Label)
	}
	return s
}

// plain leaves of a label the characters of a masked phone number, with 0 for
// each digit.
func plain(c rune) rune {
	switch {
	case '0' <= c && c <= '9':
		return '0'
	case strings.ContainsRune("+-X* ", c):
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
