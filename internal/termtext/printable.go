package termtext

import (
	"fmt"
	"strings"
	"unicode"
)

// Printable sanitizes untrusted text for one line of a terminal. It cuts the text to max
// columns, replaces line breaks and tabs with spaces, and escapes characters that are
// invisible or control the terminal or the writing direction (C0 and C1 controls, format
// characters, unusual spaces, fillers, private use), as in <U+202E>. It is idempotent.
func Printable(s string, max int) string {
	var b strings.Builder
	width, cut := 0, 0 // columns so far; bytes that leave room for an ellipsis
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

// Columns returns the display width of a text as returned by Printable.
func Columns(s string) int {
	width := 0
	for _, r := range s {
		_, columns := shown(r)
		width += columns
	}
	return width
}

// shown returns the printed form of a character and its width in columns.
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
	// Combining marks count as one column too, which limits how many can be stacked.
	return string(r), 1
}

// Plain reports whether a terminal shows a character literally: it is visible and
// controls nothing.
func Plain(r rune) bool {
	return unicode.IsPrint(r) && r != '\u2800' &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// wide reports whether terminals display a character two columns wide.
// Source: Unicode Standard Annex 11, East Asian Width.
func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		(r >= 0x3000 && r <= 0x303f) || (r >= 0xff01 && r <= 0xff60) || (r >= 0x1f300 && r <= 0x1faff)
}
