package spec

import (
	"strings"
	"testing"
	"unicode"

	"github.com/o365aws/o365aws/internal/fault"
)

// A spec file, whatever it holds, is a whole spec or an error that says where,
// in words that a terminal can show; and one that is taken is taken again.
func FuzzParseSpec(f *testing.F) {
	for _, seed := range []string{
		smallSpec, "", "a", "[]", "a: &a [*a]", "a: &a {b: *a}", "roles: &r [*r]", "accounts: [{id: 1}]", "? {a: b}\n: c", "--- a\n--- b", "a: !!binary x", "\x00", "tenant: \"\\u202e\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse("o365aws.yaml", data)
		if (s == nil) == (err == nil) {
			t.Fatalf("spec %v and error %v", s, err)
		}
		if err != nil {
			if fault.KindOf(err) != fault.Config ||
				strings.ContainsFunc(err.Error(), func(c rune) bool { return unicode.IsControl(c) && c != '\n' }) {
				t.Errorf("%q of kind %v", err, fault.KindOf(err))
			}
			return
		}
		if _, err := Parse("o365aws.yaml", data); err != nil {
			t.Errorf("taken, then refused: %v", err)
		}
	})
}
