package awsconfig

import (
	"bytes"
	"fmt"
	"strings"
)

// line is one line of a file with its line end.
type line struct {
	number  int // from 1
	raw     []byte
	kind    kind
	section string // of a header: the name between the brackets, trimmed
	key     string // of a setting: lower case
	value   string
}

type kind int

const (
	blank kind = iota
	comment
	header
	setting
	nested // indented: belongs to the setting above, as in "s3 ="
	stray
)

// scan splits data into lines and says what each is, by the rules of the AWS
// CLI (docs.aws.amazon.com/sdkref/latest/guide/file-format.html).
func scan(data []byte) []line {
	var lines []line
	for number := 1; len(data) > 0; number++ {
		end := bytes.IndexByte(data, '\n') + 1
		if end == 0 {
			end = len(data)
		}
		lines = append(lines, classify(data[:end], number))
		data = data[end:]
	}
	return lines
}

func classify(raw []byte, number int) line {
	l := line{number: number, raw: raw, kind: stray}
	text := strings.TrimRight(string(raw), "\r\n")
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		l.kind = blank
	case trimmed[0] == '#' || trimmed[0] == ';':
		l.kind = comment
	case text[0] == ' ' || text[0] == '\t':
		l.kind = nested
	case trimmed[0] == '[':
		if end := strings.IndexByte(trimmed, ']'); end > 0 && strings.TrimSpace(trimmed[1:end]) != "" {
			l.kind, l.section = header, strings.Join(strings.Fields(trimmed[1:end]), " ")
		}
	default:
		if key, value, ok := strings.Cut(trimmed, "="); ok && strings.TrimSpace(key) != "" {
			l.kind, l.key, l.value = setting, strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		}
	}
	return l
}

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
	sections, keys := map[string]int{}, map[string]int{}
	section := ""
	for _, l := range scan(data) {
		switch l.kind {
		case stray:
			add(l.number, "neither a section nor a setting")
		case header:
			if first, ok := sections[l.section]; ok {
				add(l.number, "section [%s] was there already in line %d", printable(l.section), first)
			}
			sections[l.section], section, keys = l.number, l.section, map[string]int{}
		case setting:
			if len(sections) == 0 {
				add(l.number, "a setting before any section")
			}
			if first, ok := keys[l.key]; ok {
				add(l.number, "%s was set already in line %d of [%s]", printable(l.key), first, printable(section))
			}
			keys[l.key] = l.number
		case nested:
			if len(keys) == 0 {
				add(l.number, "an indented line without a setting above it")
			}
		}
	}
	return all
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return '?'
		}
		return r
	}, s)
}
