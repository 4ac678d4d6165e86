package cli

import (
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"
)

// cell is text in a table with its color; "" means no color.
type cell struct{ text, color string }

// maxCell is the maximum width of a cell, in columns.
const maxCell = 120

// table formats rows in columns under headings. It omits empty columns; on a narrow
// terminal, it cuts the widest ones.
func (p palette) table(width int, heads []string, rows [][]cell) string {
	widths := columnWidths(heads, rows)
	fit(widths, width)
	var b strings.Builder
	line := func(row []cell) {
		text := ""
		for i, c := range row {
			if widths[i] == 0 {
				continue
			}
			shown := termtext.Printable(c.text, widths[i])
			text += p.paint(c.color, shown) + strings.Repeat(" ", widths[i]-termtext.Columns(shown)+gap)
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	top := make([]cell, len(heads))
	for i, head := range heads {
		top[i] = cell{head, grey}
	}
	line(top)
	for _, row := range rows {
		line(row)
	}
	return b.String()
}

// columnWidths returns the width of each column, 0 for an empty one.
func columnWidths(heads []string, rows [][]cell) []int {
	widths := make([]int, len(heads))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], termtext.Columns(termtext.Printable(c.text, maxCell)))
		}
	}
	for i, head := range heads {
		if widths[i] > 0 {
			widths[i] = max(widths[i], len(head))
		}
	}
	return widths
}

// tableWidth returns the width of a table without cuts.
func tableWidth(heads []string, rows [][]cell) int { return totalWidth(columnWidths(heads, rows)) }

func totalWidth(widths []int) int {
	total := -gap
	for _, w := range widths {
		if w > 0 {
			total += w + gap
		}
	}
	return total
}

// gap is the space between two columns.
const gap = 2

// narrowest is the width below which no column is cut.
const narrowest = 8

// fit narrows the widest columns until the table fits. Width 0 is unlimited.
func fit(widths []int, width int) {
	for width > 0 {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if totalWidth(widths) <= width || widths[widest] <= narrowest {
			return
		}
		widths[widest]--
	}
}
