package termtext

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Invisible and control characters are escaped; other text is unchanged.
func TestPrintable(t *testing.T) {
	for _, row := range []struct {
		in   string
		max  int
		want string
	}{
		{"azure.admin", 20, "azure.admin"},
		{"Zoë Müller 山田", 20, "Zoë Müller 山田"},
		{"a\u009b31mb", 20, "a<U+009B>31mb"},
		{"a\x1b[31mb", 20, "a<U+001B>[31mb"},
		{"a\u202eb", 20, "a<U+202E>b"},
		{"a\u200b\u00ad\ufeffb", 40, "a<U+200B><U+00AD><U+FEFF>b"},
		{"a\u2066\u061cb\x7f", 40, "a<U+2066><U+061C>b<U+007F>"},
		{"a\U000e0041\u3164\u2800", 40, "a<U+E0041><U+3164><U+2800>"},
		{"a\r\nb\tc\u2028d\u0085", 40, "a  b c<U+2028>d<U+0085>"},
		{"\xff", 5, "\ufffd"},
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abcde…"},
		{"山田太郎", 8, "山田太郎"},
		{"山田太郎", 7, "山田太…"},
		{"山田太郎", 6, "山田…"},
		{"a\nb", 3, "a b"},
		{"、！\U0001f389", 6, "、！\U0001f389"},
		{"、！\U0001f389", 5, "、！…"},
		{"\uff61\U0001fb00", 2, "\uff61\U0001fb00"},
		{"ab\u202e", 4, "ab…"},
		{"a", 0, ""},
		{"a", -1, ""},
		{"ab", 1, "…"},
		{"", 0, ""},
	} {
		t.Run(fmt.Sprintf("%q in %d columns", row.in, row.max), func(t *testing.T) {
			got := Printable(row.in, row.max)
			if got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
			if width := Columns(got); width > max(row.max, 0) {
				t.Errorf("%q has %d columns, want at most %d", got, width, row.max)
			}
		})
	}
}

// The result is one safe line within the width. Printable is idempotent and does not
// change plain text that fits.
func FuzzPrintable(f *testing.F) {
	f.Add("azure.admin", 80)
	f.Add("a\u009b31m\u202e\u200b\x1b]0;x\a", 40)
	f.Add("山田\xff\U000e0041", 3)
	f.Fuzz(func(t *testing.T, s string, max int) {
		got := Printable(s, max)
		width := 0
		for _, r := range got {
			if width++; wide(r) {
				width++
			}
			if !unicode.IsPrint(r) ||
				unicode.In(r, unicode.Bidi_Control, unicode.Cf, unicode.Cc, unicode.Zl, unicode.Zp) {
				t.Errorf("%q contains %U", got, r)
			}
		}
		if !utf8.ValidString(got) || width > max && got != "" {
			t.Errorf("%q has %d columns, want at most %d", got, width, max)
		}
		if n := Columns(got); n != width {
			t.Errorf("Columns(%q) = %d, want %d", got, n, width)
		}
		if again := Printable(got, max); again != got {
			t.Errorf("again: got %q, want %q", again, got)
		}
		plain := !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
		if plain && len(s) <= max && got != s {
			t.Errorf("got %q, want %q", got, s)
		}
	})
}
