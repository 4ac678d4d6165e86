package configure

import (
	"bytes"
	"regexp"

	"github.com/rogpeppe/go-internal/diff"
)

// secretLine matches the setting of a secret.
var secretLine = regexp.MustCompile(
	`(?mi)^([ \t]*(?:aws_access_key_id|aws_secret_access_key|aws_session_token|aws_security_token|` + passwordKey +
		`)[ \t]*[=:])[^\r\n]*`)

// Diff returns the change from one text to another in the format of diff -u, without
// secrets, or "" if they are equal.
func Diff(name string, from, to []byte) string {
	hidden := []byte("$1 ****")
	text := diff.Diff(name, secretLine.ReplaceAll(from, hidden), name, secretLine.ReplaceAll(to, hidden))
	_, text, _ = bytes.Cut(text, []byte("\n")) // the line "diff NAME NAME"
	return string(text)
}
