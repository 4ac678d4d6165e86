package awsconfig

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"
)

// The portable subset: every AWS tool reads it the same way.
var (
	keyName = regexp.MustCompile(`^[a-z0-9_]+$`)
	// A command may start with a quoted path or a Windows path if it ends with a plain
	// word: some tools strip quotes at both ends, and a backslash at the end of a line
	// continues the line.
	command = regexp.MustCompile(
		`^("[A-Za-z0-9._/@:+=, ()-]+"|[A-Za-z]:(\\[A-Za-z0-9._-]+)+)( [A-Za-z0-9._/@:+=,-]+)+$`,
	)
	// A profile name may be quoted at the end of a command that a shell splits.
	quotedProfile = regexp.MustCompile(`^(.+ --profile) '([^']+)'$`)
)

// checkValue refuses a value that AWS tools read differently.
func checkValue(kv KV) error {
	if !keyName.MatchString(kv.Key) {
		return fmt.Errorf("setting name %q is not lower-case letters, digits and _", termtext.Printable(kv.Key, 200))
	}
	if kv.Key == "credential_process" {
		if m := quotedProfile.FindStringSubmatch(kv.Value); m != nil && CheckProfileName(m[2]) == nil {
			kv.Value = m[1]
		}
		if command.MatchString(kv.Value) {
			return nil
		}
	}
	forbidden := "\"'`\\]"
	if !IsOwnKey(kv.Key) {
		forbidden += "#;" // no escapes
	}
	for _, r := range kv.Value {
		if r < ' ' || r == 0x7f || strings.ContainsRune(forbidden, r) || (r >= 0x80 && r < 0xa0) || r == 0x2028 ||
			r == 0x2029 {
			return fmt.Errorf("value of %s contains %q, which AWS tools read differently", kv.Key, r)
		}
	}
	if kv.Value == "" || strings.TrimSpace(kv.Value) != kv.Value {
		return fmt.Errorf("value of %s is empty or has spaces around it", kv.Key)
	}
	return nil
}

// EditSection returns data with settings of one section set and unset. It preserves every
// other byte: comments, order, line endings, nested blocks, other sections. It appends a
// missing section. For a file that AWS tools would reject, it returns a *SyntaxError.
func EditSection(data []byte, section string, set []KV, unset []string) ([]byte, error) {
	for _, kv := range set {
		if err := checkValue(kv); err != nil {
			return nil, err
		}
	}
	if err := check(data); err != nil {
		return nil, err
	}
	lines := Lines(data)
	start, end := find(lines, section)
	newline := lineEnd(lines)
	var out bytes.Buffer
	if start < 0 {
		if err := checkName(section); err != nil {
			return nil, err
		}
		out.Write(data)
		if len(data) > 0 && data[len(data)-1] != '\n' {
			out.WriteString(newline)
		}
		if len(data) > 0 && len(bytes.TrimSpace(lines[len(lines)-1].Raw)) > 0 {
			out.WriteString(newline)
		}
		out.WriteString("[" + section + "]" + newline)
		for _, kv := range set {
			out.WriteString(kv.Key + " = " + encode(kv) + newline)
		}
	} else {
		if err := checkHeader(lines[start]); err != nil {
			return nil, err
		}
		writeAll(&out, lines[:start+1])
		if n := out.Len(); n > 0 && out.Bytes()[n-1] != '\n' {
			out.WriteString(newline)
		}
		writeSection(&out, lines[start+1:end], set, unset, newline)
		writeAll(&out, lines[end:])
	}
	if err := check(out.Bytes()); err != nil {
		return nil, fmt.Errorf("after the change: %w", err)
	}
	return out.Bytes(), nil
}

// checkHeader refuses to write below a header such as "[ dev ]", which only some AWS
// tools read as dev.
func checkHeader(l Line) error {
	rest, plain := strings.CutPrefix(string(bytes.TrimRight(l.Raw, " \t\r\n")), "["+l.Section+"]")
	comment := strings.TrimLeft(rest, " \t")
	if !plain || strings.ContainsAny(l.Section, "#;") ||
		(rest != "" && (comment == rest || !strings.ContainsAny(comment[:1], "#;") || strings.Contains(rest, "]"))) {
		return &SyntaxError{
			l.Number,
			fmt.Sprintf(
				"AWS tools read this header in different ways: write it as [%s]", termtext.Printable(l.Section, 200),
			),
		}
	}
	return nil
}

func writeAll(out *bytes.Buffer, lines []Line) {
	for _, l := range lines {
		out.Write(l.Raw)
	}
}

// find returns the line of the section's header and the line after its end.
func find(lines []Line, section string) (start, end int) {
	start = -1
	for i, l := range lines {
		if l.Kind != headerLine {
			continue
		}
		if start >= 0 {
			return start, i
		}
		if l.Section == section {
			start = i
		}
	}
	return start, len(lines)
}

// lineEnd returns the line ending that the file uses.
func lineEnd(lines []Line) string {
	if len(lines) > 0 && bytes.HasSuffix(lines[0].Raw, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// writeSection writes the body of a section. It changes existing keys in place and adds
// new ones after the last setting.
func writeSection(out *bytes.Buffer, body []Line, set []KV, unset []string, newline string) {
	last, indent := -1, ""
	for i, l := range body {
		if l.Kind == settingLine || l.Kind == nestedLine {
			last = i
		}
		if l.Kind == settingLine {
			indent = l.Indent // with a deeper one, a new line would continue this setting
		}
	}
	done := map[string]bool{}
	dropping := false
	if last < 0 {
		writeNew(out, set, done, indent, newline)
	}
	for i, l := range body {
		if l.Kind == settingLine {
			dropping = write(out, l, set, unset, done, newline)
		} else if l.Kind != nestedLine || !dropping {
			out.Write(l.Raw)
		}
		if i == last {
			if n := out.Len(); n > 0 && out.Bytes()[n-1] != '\n' {
				out.WriteString(newline)
			}
			writeNew(out, set, done, indent, newline)
		}
	}
}

// write writes one setting, changed or unchanged, and reports whether its nested
// lines are dropped.
func write(out *bytes.Buffer, l Line, set []KV, unset []string, done map[string]bool, newline string) bool {
	for _, kv := range set {
		if kv.Key != l.Key {
			continue
		}
		done[kv.Key] = true
		if l.Value == kv.Value {
			out.Write(l.Raw)
		} else {
			out.WriteString(l.Indent + kv.Key + " = " + encode(kv) + newline)
		}
		return l.Value != kv.Value
	}
	for _, key := range unset {
		if key == l.Key {
			return true
		}
	}
	out.Write(l.Raw)
	return false
}

func writeNew(out *bytes.Buffer, set []KV, done map[string]bool, indent, newline string) {
	for _, kv := range set {
		if !done[kv.Key] {
			done[kv.Key] = true
			out.WriteString(indent + kv.Key + " = " + encode(kv) + newline)
		}
	}
}
