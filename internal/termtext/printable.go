package termtext

import (
	"fmt"
	"strings"
	"unicode"
)

// Printable makes text of unknown origin safe for one line of a terminal: it
// takes at most max columns, line breaks and tabs become spaces, and what is
// invisible or steers the terminal or the direction of writing (controls,
// C1 among them, format characters, odd spaces, fillers, private use) is
// written out as <U+202E>. Doing it twice changes nothing more.
func Printable(s string, max int) string {
	var b strings.Builder
	width, cut := 0, 0 // columns so far; bytes that leave room for the ellipsis
	for _, r := range s {
		piece, columns := shown(r)
		if width+columns > max {
			if max < 1 {
				return ""
			}
			return b.String()[:cut] + "…"
		}
		b.WriteString(piece)
		if width += columns; width < max {
			cut = b.Len()
		}
	}
	return b.String()
}

// Columns is how wide a text is when Printable has written it.
func Columns(s string) int {
	width := 0
	for _, r := range s {
		_, columns := shown(r)
		width += columns
	}
	return width
}

// shown returns how a character is written, and in how many columns.
func shown(r rune) (piece string, columns int) {
	switch {
	case r == '\n' || r == '\r' || r == '\t':
		return " ", 1
	case !Plain(r):
		piece = fmt.Sprintf("<U+%04X>", r)
		return piece, len(piece)
	case wide(r):
		return string(r), 2
	}
	// A combining mark counts too, so that they cannot be piled up.
	return string(r), 1
}

// Plain reports whether a character stands for itself on a terminal: it is
// visible, and steers nothing.
func Plain(r rune) bool {
	return unicode.IsPrint(r) && r != '\u2800' &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// wide reports whether terminals give a character two columns.
// Source: Unicode Standard Annex 11, East Asian Width.
func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		(r >= 0x3000 && r <= 0x303f) || (r >= 0xff01 && r <= 0xff60) || (r >= 0x1f300 && r <= 0x1faff)
}
