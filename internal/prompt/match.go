package prompt

import (
	"cmp"
	"slices"
	"strings"
)

// match is a label that matches a filter, and the positions of the matching characters.
type match struct {
	label int // index
	at    []int
	score int // lower is better
}

// matchLabels returns the labels that match every word of the filter, best matches first.
// A word matches a substring of a label or, as an abbreviation, letters of one of its
// fields in order.
func matchLabels(labels []string, filter string) []match {
	words := strings.FieldsFunc(strings.ToLower(filter), func(r rune) bool { return r == ' ' || r == '/' })
	var found []match
next:
	for i, label := range labels {
		m := match{label: i}
		for _, word := range words {
			at, score := find([]rune(strings.ToLower(label)), []rune(word))
			if at == nil {
				continue next
			}
			m.at, m.score = append(m.at, at...), m.score+score
		}
		found = append(found, m)
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(a.score, b.score) })
	return found
}

// find returns the positions at which a word matches a label, nil if it does not match,
// and the number of letters that an abbreviation skips.
func find(label, word []rune) (at []int, skipped int) {
	for start := 0; start+len(word) <= len(label); start++ {
		if slices.Equal(label[start:start+len(word)], word) {
			return positions(start, len(word)), 0
		}
	}
	best := -1
	for start := range label {
		var found []int
		for i := start; i < len(label) && label[i] != ' ' && len(found) < len(word); i++ {
			if label[i] == word[len(found)] {
				found = append(found, i)
			}
		}
		if len(found) < len(word) {
			continue
		}
		if span := found[len(found)-1] - found[0] + 1; best < 0 || span < best {
			best, at = span, found
		}
	}
	return at, best - len(word)
}

func positions(start, n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = start + i
	}
	return list
}

// highlight underlines the matching characters of a label in a line. The label starts at
// offset; base is the style of the other text.
func (m match) highlight(line string, offset int, base string) string {
	var b strings.Builder
	b.WriteString("\x1b[" + base + "m")
	for i, r := range []rune(line) {
		if slices.Contains(m.at, i-offset) {
			b.WriteString("\x1b[1;4m" + string(r) + "\x1b[0;" + base + "m")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String() + "\x1b[0m"
}
