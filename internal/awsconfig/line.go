package awsconfig

import (
	"bytes"
	"strings"
)

// Line is one line of a file with its line end.
type Line struct {
	Number  int // from 1
	Raw     []byte
	Kind    lineKind
	Section string // of a header: the name between the brackets, trimmed
	Key     string // of a setting: lower case
	Value   string
}

// lineKind is the kind of a line.
type lineKind int

// The kinds of lines.
const (
	blankLine lineKind = iota
	commentLine
	headerLine
	settingLine
	nestedLine // indented: part of the setting above, as in "s3 ="
	strayLine
)

// Lines splits data into lines and classifies each by the rules of the AWS CLI
// (docs.aws.amazon.com/sdkref/latest/guide/file-format.html).
func Lines(data []byte) []Line {
	var lines []Line
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

func classify(raw []byte, number int) Line {
	l := Line{Number: number, Raw: raw, Kind: strayLine}
	text := strings.TrimRight(string(raw), "\r\n")
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		l.Kind = blankLine
	case trimmed[0] == '#' || trimmed[0] == ';':
		l.Kind = commentLine
	case text[0] == ' ' || text[0] == '\t':
		l.Kind = nestedLine
	case trimmed[0] == '[':
		if end := strings.IndexByte(trimmed, ']'); end > 0 && strings.TrimSpace(trimmed[1:end]) != "" {
			l.Kind, l.Section = headerLine, strings.Join(strings.Fields(trimmed[1:end]), " ")
		}
	default:
		if key, value, ok := strings.Cut(trimmed, "="); ok && strings.TrimSpace(key) != "" {
			l.Kind, l.Key, l.Value = settingLine, strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		}
	}
	return l
}
