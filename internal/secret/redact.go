package secret

import "strings"

// RedactLong replaces each run of at least n characters of base64, base64url or URL
// encoding, which in server output may be part of a token or an assertion. It does not
// use a regular expression, because one with a repeat count is slow to compile at every
// start.
func RedactLong(text string, n int) string {
	var b strings.Builder
	for text != "" {
		run := strings.IndexFunc(text, func(r rune) bool { return !encoded(r) })
		if run < 0 {
			run = len(text)
		}
		if run >= n {
			b.WriteString(redacted)
		} else {
			b.WriteString(text[:run])
		}
		text = text[run:]
		next := strings.IndexFunc(text, encoded)
		if next < 0 {
			next = len(text)
		}
		b.WriteString(text[:next])
		text = text[next:]
	}
	return b.String()
}

func encoded(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("+/=_%-", r)
}
