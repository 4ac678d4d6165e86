package awsconfig

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/o365aws/o365aws/internal/sections"
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
	for _, l := range sections.Lines(data) {
		switch l.Kind {
		case sections.Stray:
			add(l.Number, "neither a section nor a setting")
		case sections.Header:
			if first, ok := headers[l.Section]; ok {
				add(l.Number, "section [%s] was there already in line %d", printable(l.Section), first)
			}
			headers[l.Section], section, keys = l.Number, l.Section, map[string]int{}
		case sections.Setting:
			if len(headers) == 0 {
				add(l.Number, "a setting before any section")
			}
			if quoted(l) {
				add(l.Number, "a name or value that begins with a quotation mark, which ini readers take in different ways")
			}
			if first, ok := keys[l.Key]; ok {
				add(l.Number, "%s was set already in line %d of [%s]", printable(l.Key), first, printable(section))
			}
			keys[l.Key] = l.Number
		case sections.Nested:
			if len(keys) == 0 {
				add(l.Number, "an indented line without a setting above it")
			}
		}
	}
	return all
}

// quoted finds the two marks by which ini.v1 would read on over line ends, and
// names in quotation marks.
func quoted(l sections.Line) bool {
	return strings.HasPrefix(l.Value, "`") || strings.HasPrefix(l.Value, `"""`) || strings.ContainsAny(l.Key[:1], "\"`")
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return '?'
		}
		return r
	}, s)
}
