package configure

import (
	"fmt"
	"strings"
)

// around is how many lines are shown around a change.
const around = 3

// Diff returns the change from one text to another as diff -u shows it; ""
// when there is none.
func Diff(name string, from, to []byte) string {
	a, b := splitLines(string(from)), splitLines(string(to))
	ops := compare(a, b)
	var out strings.Builder
	for i := 0; i < len(ops); {
		if ops[i].kind == ' ' {
			i++
			continue
		}
		start := max(0, i-around)
		end, quiet := i, 0
		for ; end < len(ops) && quiet <= 2*around; end++ {
			if quiet++; ops[end].kind != ' ' {
				quiet = 0
			}
		}
		end -= max(0, quiet-around)
		if out.Len() == 0 {
			fmt.Fprintf(&out, "--- %s\n+++ %s\n", name, name)
		}
		writeHunk(&out, ops[start:end])
		i = end
	}
	return out.String()
}

// op is one line of a comparison.
type op struct {
	kind         byte // ' ', '-' or '+'
	text         string
	oldAt, newAt int // line numbers, from 1
}

func writeHunk(out *strings.Builder, ops []op) {
	olds, news := 0, 0
	for _, o := range ops {
		if o.kind != '+' {
			olds++
		}
		if o.kind != '-' {
			news++
		}
	}
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(ops[0].oldAt, olds), span(ops[0].newAt, news))
	for _, o := range ops {
		out.WriteByte(o.kind)
		out.WriteString(strings.TrimSuffix(o.text, "\n"))
		out.WriteByte('\n')
		if !strings.HasSuffix(o.text, "\n") {
			out.WriteString("\\ No newline at end of file\n")
		}
	}
}

func span(at, n int) string {
	if n == 0 {
		at--
	}
	if n == 1 {
		return fmt.Sprint(at)
	}
	return fmt.Sprintf("%d,%d", at, n)
}

func splitLines(s string) []string {
	lines := strings.SplitAfter(s, "\n")
	if n := len(lines); lines[n-1] == "" {
		lines = lines[:n-1]
	}
	return lines
}

// largest bounds the table of a comparison; beyond it a changed region is
// shown as a whole.
const largest = 4 << 20

// compare lists the lines of both texts; those in common stand once.
func compare(a, b []string) []op {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var ops []op
	add := func(kind byte, text string, i, j int) { ops = append(ops, op{kind, text, i + 1, j + 1}) }
	for i := range head {
		add(' ', a[i], i, i)
	}
	i, j, endA, endB := head, head, len(a)-tail, len(b)-tail
	common := table(a[head:endA], b[head:endB])
	for i < endA || j < endB {
		switch {
		case i < endA && j < endB && a[i] == b[j]:
			add(' ', a[i], i, j)
			i, j = i+1, j+1
		case j == endB || i < endA && common(i+1-head, j-head) >= common(i-head, j+1-head):
			add('-', a[i], i, j)
			i++
		default:
			add('+', b[j], i, j)
			j++
		}
	}
	for ; i < len(a); i, j = i+1, j+1 {
		add(' ', a[i], i, j)
	}
	return ops
}

// table returns how many lines the rests of a and b have in common, in order.
func table(a, b []string) func(i, j int) int32 {
	width := len(b) + 1
	if (len(a)+1)*width > largest {
		return func(int, int) int32 { return 0 }
	}
	cells := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				cells[i*width+j] = cells[(i+1)*width+j+1] + 1
			} else {
				cells[i*width+j] = max(cells[(i+1)*width+j], cells[i*width+j+1])
			}
		}
	}
	return func(i, j int) int32 { return cells[i*width+j] }
}
