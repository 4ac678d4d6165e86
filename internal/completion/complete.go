package completion

import (
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"
)

// Candidate is a completion and its description. Typed text may also match Alias.
type Candidate struct{ Value, About, Alias string }

// Name is the hidden command that completion scripts call with the words of the command
// line up to the cursor. It prints one candidate per line, followed by a tab and its
// description.
const Name = "__complete"

// newWord precedes the words if the word at the cursor is empty, for shells that cannot
// pass an empty argument.
const newWord = "--new"

// Values returns the values of a flag that are not in the table. chosen holds the values
// of the preceding flags.
type Values func(flag string, chosen map[string]string) []Candidate

// Complete returns the candidates for the last word, one per line, each followed by a tab
// and its description.
func Complete(root Command, words []string, values Values) string {
	if len(words) > 0 && words[0] == newWord {
		words = append(slices.Clone(words[1:]), "")
	}
	if len(words) == 0 {
		words = []string{""}
	}
	var b strings.Builder
	for _, c := range candidates(root, words[:len(words)-1], words[len(words)-1], values) {
		if termtext.Printable(c.Value, len(c.Value)) != c.Value {
			continue // it could control the terminal, and no shell can quote it
		}
		b.WriteString(c.Value)
		if c.About != "" {
			b.WriteString("\t" + termtext.Printable(c.About, MaxAbout))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// help is the command that shows the help of another command.
const help = "help"

// cursor is a position in the table.
type cursor struct {
	at      Command
	flags   []Flag
	chosen  map[string]string // values of the flags so far
	open    Flag              // flag that expects a value
	helping bool
}

// candidates returns the completions of the current word.
func candidates(root Command, before []string, current string, values Values) []Candidate {
	if slices.Contains(before, "--") {
		return nil // the shell completes the command that exec runs
	}
	c, known := walk(root, before)
	flag, part, joined := strings.Cut(current, "=")
	switch {
	case !known:
		return nil
	case len(c.open.Names) > 0:
		return fitting(valuesOf(c.open, c.chosen, values), "", current)
	case joined && strings.HasPrefix(flag, "-"):
		f, known := flagNamed(c.flags, strings.TrimLeft(flag, "-"))
		if !known {
			return nil
		}
		return fitting(valuesOf(f, c.chosen, values), flag+"=", part)
	case strings.HasPrefix(current, "-"):
		return fitting(flagCandidates(c), "", current)
	}
	var list []Candidate
	for _, below := range c.at.Commands {
		list = append(list, Candidate{Value: below.Name, About: below.Usage})
	}
	if len(before) == 0 {
		list = append(list, Candidate{Value: help, About: "show the help of a command"})
	}
	if len(list) == 0 && current == "" {
		list = flagCandidates(c)
	}
	return fitting(list, "", current)
}

// walk follows the words through the table. It returns false for an unknown word.
func walk(root Command, words []string) (cursor, bool) {
	c := cursor{at: root, flags: root.Flags, chosen: map[string]string{}}
	for i, word := range words {
		name, value, joined := strings.Cut(strings.TrimLeft(word, "-"), "=")
		switch {
		case len(c.open.Names) > 0:
			c.chosen[c.open.Names[0]], c.open = word, Flag{}
		case strings.HasPrefix(word, "-"):
			f, known := flagNamed(c.flags, name)
			if known && !joined && f.TakesValue {
				c.open = f
			} else if known {
				c.chosen[f.Names[0]] = value
			}
		case i == 0 && word == help:
			c.helping = true
		default:
			i := slices.IndexFunc(c.at.Commands, func(c Command) bool { return c.Name == word })
			if i < 0 {
				return cursor{}, false
			}
			c.at = c.at.Commands[i]
			c.flags = slices.Concat(root.Flags, c.at.Flags)
		}
	}
	return c, true
}

// valuesOf returns the values of a flag from the table, or else from values.
func valuesOf(f Flag, chosen map[string]string, values Values) []Candidate {
	if len(f.Values) == 0 {
		return values(f.Names[0], chosen)
	}
	var list []Candidate
	for _, value := range f.Values {
		list = append(list, Candidate{Value: value})
	}
	return list
}

func flagNamed(flags []Flag, name string) (Flag, bool) {
	i := slices.IndexFunc(flags, func(f Flag) bool { return slices.Contains(f.Names, name) })
	if i < 0 {
		return Flag{}, false
	}
	return flags[i], true
}

// flagCandidates returns the flags that are not set yet.
func flagCandidates(c cursor) []Candidate {
	if c.helping {
		return nil
	}
	list := []Candidate{{Value: "--help", About: "show help"}}
	for _, f := range c.flags {
		if _, given := c.chosen[f.Names[0]]; !given {
			list = append(list, Candidate{Value: "--" + f.Names[0], About: f.Usage})
		}
	}
	return list
}

// fitting returns the candidates that start with the typed text or, if there are none,
// those that contain it: role values start with the account number, but users know roles
// by name or by the alias of the account.
func fitting(list []Candidate, prefix, typed string) []Candidate {
	var starting, containing []Candidate
	for _, c := range list {
		names := strings.ToLower(c.Value + "\n" + c.Alias)
		matches := strings.Contains(names, strings.ToLower(typed))
		c.Value = prefix + c.Value
		switch {
		case strings.HasPrefix(c.Value, prefix+typed):
			starting = append(starting, c)
		case matches:
			containing = append(containing, c)
		}
	}
	if len(starting) > 0 {
		return starting
	}
	return containing
}
