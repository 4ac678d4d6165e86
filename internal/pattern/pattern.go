// Package pattern holds regular expressions that are compiled when they are
// first used. A program that is called all day, hundreds of times at once,
// should not compile at every start what this call does not need: the
// patterns of ARNs alone took longer than everything else.
package pattern

import (
	"regexp"
	"sync"
)

// Pattern is a regular expression as a package keeps it.
type Pattern struct{ compile func() *regexp.Regexp }

// New returns the pattern of an expression. That it compiles is for the tests
// of its package to show: a malformed one panics at its first use.
func New(expression string) Pattern {
	return Pattern{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })}
}

// MatchString is that of regexp.Regexp, as are the others.
func (p Pattern) MatchString(s string) bool { return p.compile().MatchString(s) }

// FindStringSubmatch returns the leftmost match and its groups.
func (p Pattern) FindStringSubmatch(s string) []string { return p.compile().FindStringSubmatch(s) }

// FindAllStringIndex returns where the first n matches are.
func (p Pattern) FindAllStringIndex(s string, n int) [][]int {
	return p.compile().FindAllStringIndex(s, n)
}

// ReplaceAllString replaces every match.
func (p Pattern) ReplaceAllString(s, by string) string { return p.compile().ReplaceAllString(s, by) }

// FindString returns the leftmost match.
func (p Pattern) FindString(s string) string { return p.compile().FindString(s) }

// ReplaceAllStringFunc replaces every match by what a function makes of it.
func (p Pattern) ReplaceAllStringFunc(s string, by func(string) string) string {
	return p.compile().ReplaceAllStringFunc(s, by)
}
