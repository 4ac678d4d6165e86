package awsconfig

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/o365aws/o365aws/internal/termtext"
)

// SyntaxError describes a line that AWS tools reject or read differently.
type SyntaxError struct {
	Line int
	Why  string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Why) }

// check returns the first line for which an AWS tool rejects the whole file with all
// its profiles.
func check(data []byte) error {
	if all := Problems(data); len(all) > 0 {
		return all[0]
	}
	return nil
}

// Problems returns every line for which an AWS tool rejects the whole file.
func Problems(data []byte) []*SyntaxError {
	var all []*SyntaxError
	add := func(line int, format string, args ...any) {
		all = append(all, &SyntaxError{line, fmt.Sprintf(format, args...)})
	}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		add(1, "the file begins with a byte order mark (BOM), which AWS tools do not read")
		data = data[3:]
	}
	headers, keys := map[string]int{}, map[string]int{}
	section, value := "", ""
	for _, l := range Lines(data) {
		if why := misread(l); why != "" {
			add(l.Number, "%s", why)
		}
		if !utf8.Valid(l.Raw) {
			add(l.Number, "not UTF-8")
		}
		switch l.Kind {
		case strayLine:
			add(l.Number, "neither a section nor a setting")
		case headerLine:
			if first, ok := headers[l.Section]; ok {
				add(l.Number, "section [%s] already exists in line %d", termtext.Printable(l.Section, 200), first)
			}
			headers[l.Section], section, keys = l.Number, l.Section, map[string]int{}
		case settingLine:
			if len(headers) == 0 {
				add(l.Number, "a setting before any section")
			}
			if first, ok := keys[l.Key]; ok {
				add(
					l.Number, "%s is already set in line %d of [%s]", termtext.Printable(l.Key, 200), first,
					termtext.Printable(section, 200),
				)
			}
			keys[l.Key], value = l.Number, l.Value
		case nestedLine:
			if text := string(bytes.TrimSpace(l.Raw)); value == "" && !strings.Contains(text, "=") {
				add(l.Number, "an indented line that is not a setting, below an empty value")
			} else if strings.HasPrefix(text, "[") {
				add(l.Number, "an indented section, which the AWS CLI reads as part of the value above")
			}
		}
	}
	return all
}

// misread returns the reason why tools read a line differently, or "". ini.v1 also reads
// an indented line as a setting, and continues after the end of a line that has certain
// quotes; the AWS SDK for Go panics on a value that consists of a single quote.
func misread(l Line) string {
	text := string(bytes.TrimSpace(l.Raw))
	switch l.Kind {
	case headerLine:
		_, rest, _ := strings.Cut(text, "]")
		if rest = strings.TrimSpace(rest); rest != "" && rest[0] != '#' && rest[0] != ';' {
			return "text after the section name, which AWS tools read differently"
		}
	case settingLine, nestedLine:
		key, value, _ := strings.Cut(text, "=")
		value = strings.TrimSpace(value)
		if strings.HasPrefix(value, "`") || strings.HasPrefix(value, `"""`) || strings.HasPrefix(key, `"`) ||
			strings.HasPrefix(key, "`") {
			return "a name or value that begins with a quote, which AWS tools read differently"
		}
		if loneQuote(text) {
			return "a value that is a single quote, which makes some AWS tools exit"
		}
	}
	return ""
}

// loneQuote reports whether the value that the AWS SDK for Go reads is a single quote.
// The SDK removes comments first, and also splits at a colon.
func loneQuote(text string) bool {
	for _, comment := range []string{" #", " ;", "\t#", "\t;"} {
		text, _, _ = strings.Cut(text, comment)
	}
	value := strings.TrimSpace(text[strings.IndexAny(text, "=:")+1:])
	return value == `"` || value == "'"
}
