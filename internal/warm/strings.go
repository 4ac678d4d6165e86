package warm

import "strings"

// What is kept as JSON is read here without a JSON reader, as far as it is
// made of plain strings. All else is left to the slow way.

// readNames reads an object of strings.
func readNames(data []byte) (map[string]string, bool) {
	r := reader{rest: string(data)}
	names := map[string]string{}
	r.list('{', '}', func() {
		key := r.text()
		r.want(':')
		names[key] = r.text()
	})
	return names, r.whole()
}

// readLists reads an object of lists of strings.
func readLists(data []byte) (map[string][]string, bool) {
	r := reader{rest: string(data)}
	lists := map[string][]string{}
	r.list('{', '}', func() {
		key := r.text()
		r.want(':')
		var list []string
		r.list('[', ']', func() { list = append(list, r.text()) })
		lists[key] = list
	})
	return lists, r.whole()
}

// reader takes JSON from the front of a text, until something is not as it
// expects.
type reader struct {
	rest   string
	failed bool
}

// next returns the first byte that is no white space, 0 at the end.
func (r *reader) next() byte {
	r.rest = strings.TrimLeft(r.rest, " \t\r\n")
	if r.rest == "" {
		return 0
	}
	return r.rest[0]
}

func (r *reader) want(b byte) {
	if r.failed = r.failed || r.next() != b; !r.failed {
		r.rest = r.rest[1:]
	}
}

// text takes a string in which every character stands for itself.
func (r *reader) text() string {
	r.want('"')
	text, rest, ended := strings.Cut(r.rest, `"`)
	if r.failed = r.failed || !ended || strings.ContainsFunc(text, notPlain); r.failed {
		return ""
	}
	r.rest = rest
	return text
}

// list takes what stands between two brackets, each element by take.
func (r *reader) list(opening, closing byte, take func()) {
	r.want(opening)
	for first := true; !r.failed && r.next() != closing; first = false {
		if !first {
			r.want(',')
		}
		take()
	}
	r.want(closing)
}

// whole reports whether all of the text was read.
func (r *reader) whole() bool { return r.next() == 0 && r.rest == "" && !r.failed }

// notPlain reports whether a character may need care, in JSON or on a
// terminal.
func notPlain(c rune) bool { return c < ' ' || c > '~' || c == '\\' }
