package awsconfig

import (
	"bytes"
	"strings"
)

// Line is a line of a file, including its line ending.
type Line struct {
	Number  int // from 1
	Raw     []byte
	Kind    lineKind
	Section string // of a header: the name between the brackets, trimmed
	Indent  string // of a setting: the white space before the key
	Key     string // of a setting: lower case
	Value   string // of a setting: decoded if the key is one of ours
}

// lineKind is the kind of a line.
type lineKind int

// Kinds of lines.
const (
	blankLine lineKind = iota
	commentLine
	headerLine
	settingLine
	nestedLine // continues the setting above, as in "s3 ="
	strayLine
)

// Indented reports whether a line is an indented setting.
func (l Line) Indented() bool { return l.Kind == settingLine && l.Indent != "" }

// Lines splits data into lines and classifies each by the rules of the AWS CLI, which are
// those of Python's configparser: a line that is indented more deeply than the setting
// above continues its value. Otherwise, an indented setting is like any other.
// Source: docs.python.org/3/library/configparser.html#supported-ini-file-structure
func Lines(data []byte) []Line {
	var lines []Line
	indent, inSetting := 0, false
	for number := 1; len(data) > 0; number++ {
		end := bytes.IndexByte(data, '\n') + 1
		if end == 0 {
			end = len(data)
		}
		l := classify(data[:end], number)
		if l.Kind >= headerLine {
			if own := len(l.Raw) - len(bytes.TrimLeft(l.Raw, " \t")); inSetting && own > indent {
				l = Line{Number: number, Raw: l.Raw, Kind: nestedLine}
			} else {
				indent, inSetting = own, l.Kind == settingLine || inSetting && l.Kind == strayLine
			}
		}
		lines = append(lines, l)
		data = data[end:]
	}
	return lines
}

// classify classifies a line without the lines above it.
func classify(raw []byte, number int) Line {
	l := Line{Number: number, Raw: raw, Kind: strayLine}
	text := strings.TrimSpace(string(raw))
	switch {
	case text == "":
		l.Kind = blankLine
	case text[0] == '#' || text[0] == ';':
		l.Kind = commentLine
	case text[0] == '[':
		if end := strings.IndexByte(text, ']'); end > 0 && strings.TrimSpace(text[1:end]) != "" {
			l.Kind, l.Section = headerLine, strings.TrimSpace(text[1:end])
		}
	default:
		if i := strings.IndexAny(text, "=:"); i > 0 {
			l.Kind, l.Key, l.Value = settingLine, strings.ToLower(strings.TrimSpace(text[:i])), strings.TrimSpace(text[i+1:])
			l.Indent = string(raw[:len(raw)-len(bytes.TrimLeft(raw, " \t"))])
			if IsOwnKey(l.Key) {
				l.Value = decode(l.Value)
			}
		}
	}
	return l
}
