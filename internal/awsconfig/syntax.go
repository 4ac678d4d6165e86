package awsconfig

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"
)

// SyntaxError is a line that AWS's parsers would not read as meant.
type SyntaxError struct {
	Line int
	Why  string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Why) }

// check reports the first line for which some AWS tool rejects the whole
// file: the AWS CLI then loses every profile in it.
func check(data []byte) error {
	if all := Problems(data); len(all) > 0 {
		return all[0]
	}
	return nil
}

// Problems lists every line for which some AWS tool rejects the whole file.
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
	section := ""
	for _, l := range Lines(data) {
		if why := misread(l); why != "" {
			add(l.Number, "%s", why)
		}
		switch l.Kind {
		case strayLine:
			add(l.Number, "neither a section nor a setting")
		case headerLine:
			if first, ok := headers[l.Section]; ok {
				add(l.Number, "section [%s] was there already in line %d", termtext.Printable(l.Section, 200), first)
			}
			headers[l.Section], section, keys = l.Number, l.Section, map[string]int{}
		case settingLine:
			if len(headers) == 0 {
				add(l.Number, "a setting before any section")
			}
			if first, ok := keys[l.Key]; ok {
				add(
					l.Number, "%s was set already in line %d of [%s]", termtext.Printable(l.Key, 200), first,
					termtext.Printable(section, 200),
				)
			}
			keys[l.Key] = l.Number
		case nestedLine:
			if len(keys) == 0 {
				add(l.Number, "an indented line without a setting above it")
			}
		}
	}
	return all
}

// misread says why readers differ on a line, or "". ini.v1 takes an indented
// line for a setting as well, and reads on over line ends after some marks; the
// AWS SDK for Go panics on a value that is one quotation mark.
func misread(l Line) string {
	text := string(bytes.TrimSpace(l.Raw))
	switch l.Kind {
	case headerLine:
		_, rest, _ := strings.Cut(text, "]")
		if rest = strings.TrimSpace(rest); rest != "" && rest[0] != '#' && rest[0] != ';' {
			return "text after the section's name, which AWS tools read in different ways"
		}
	case settingLine, nestedLine:
		key, value, _ := strings.Cut(text, "=")
		value = strings.TrimSpace(value)
		if strings.HasPrefix(value, "`") || strings.HasPrefix(value, `"""`) || strings.HasPrefix(key, `"`) ||
			strings.HasPrefix(key, "`") {
			return "a name or value that begins with a quotation mark, which AWS tools read in different ways"
		}
		if loneQuote(text) {
			return "a value that is one quotation mark, at which some AWS tools end"
		}
	}
	return ""
}

// loneQuote reports whether the AWS SDK for Go sees one quotation mark as the
// whole value: it splits at a colon too, and drops comments first.
func loneQuote(text string) bool {
	for _, comment := range []string{" #", " ;", "\t#", "\t;"} {
		text, _, _ = strings.Cut(text, comment)
	}
	value := strings.TrimSpace(text[strings.IndexAny(text, "=:")+1:])
	return value == `"` || value == "'"
}
