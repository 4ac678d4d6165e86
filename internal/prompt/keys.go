package prompt

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sequenceKeys maps escape sequences to key names.
// Source: invisible-island.net/xterm/ctlseqs/ctlseqs.html
var sequenceKeys = map[string]string{
	"\x1b[A": "up", "\x1bOA": "up", "\x1b[B": "down", "\x1bOB": "down", "\x1b[5~": "page up", "\x1b[6~": "page down",
	"\x1b[H": "home", "\x1b[1~": "home", "\x1bOH": "home", "\x1b[F": "end", "\x1b[4~": "end", "\x1bOF": "end",
}

// controlKeys maps control characters to key names.
var controlKeys = map[rune]string{
	'\r': "enter", '\n': "enter", 0x03: "cancel", 0x04: "cancel", 0x10: "up", 0x0e: "down",
	0x7f: "backspace", 0x08: "backspace", 0x15: "clear", 0x17: "delete word",
}

// keys handles the complete keys of the input and returns the rest. done reports whether
// the user selected a label.
func (p *picker) keys(typed string) (rest string, done bool, err error) {
	for typed != "" {
		key, length := nextKey(typed)
		if length == 0 {
			return typed, false, nil
		}
		switch done, err := p.press(key, typed[:length]); {
		case err != nil:
			return "", false, err
		case done:
			return "", true, nil
		}
		typed = typed[length:]
	}
	return "", false, nil
}

// nextKey returns the name of the first key and its length in bytes, 0 if it is
// incomplete.
func nextKey(typed string) (name string, length int) {
	if typed[0] == '\x1b' {
		return nextSequence(typed)
	}
	if !utf8.FullRuneInString(typed) {
		return "", 0
	}
	r, length := utf8.DecodeRuneInString(typed)
	if name, ok := controlKeys[r]; ok {
		return name, length
	}
	if unicode.IsPrint(r) {
		return "text", length
	}
	return "", length
}

// nextSequence reads a key that starts with Esc. An unknown sequence has no name.
func nextSequence(typed string) (name string, length int) {
	if len(typed) == 1 {
		return "", 0
	}
	if typed[1] != '[' && typed[1] != 'O' {
		return "cancel", 1 // Esc, followed by another key
	}
	for i := 2; i < len(typed); i++ {
		if typed[i] >= 0x40 && typed[i] <= 0x7e {
			return sequenceKeys[typed[:i+1]], i + 1
		}
	}
	return "", 0
}

// press handles one key. done reports whether it selected the label under the cursor;
// context.Canceled means that the user canceled the list.
func (p *picker) press(key, text string) (done bool, err error) {
	switch key {
	case "cancel":
		return false, context.Canceled
	case "text":
		return false, p.search(p.filter + text)
	case "clear":
		return false, p.search("")
	case "delete word":
		trimmed := strings.TrimRight(p.filter, " ")
		return false, p.search(trimmed[:strings.LastIndex(trimmed, " ")+1])
	case "backspace":
		_, length := utf8.DecodeLastRuneInString(p.filter)
		return false, p.search(p.filter[:len(p.filter)-length])
	}
	if p.list == nil {
		return false, nil
	}
	switch key {
	case "enter":
		return true, nil
	case "up":
		p.list.Prev()
	case "down":
		p.list.Next()
	case "page up":
		p.list.PageUp()
	case "page down":
		if p.list.CanPageDown() {
			p.list.PageDown()
		}
	case "home":
		p.list.SetCursor(0)
	case "end":
		p.list.SetCursor(len(p.matches))
	}
	return false, nil
}
