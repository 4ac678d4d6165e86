package words

import (
	"slices"
	"strings"
)

// Candidate is one way to go on.
type Candidate struct{ Value, About string }

// Name is the command that the scripts of completion call with the words of a
// command line, the last being the one at the cursor. It answers with one
// candidate a line, and after a tab what it is.
const Name = "__complete"

// newWord stands before the words when the one at the cursor is empty, for
// shells that cannot pass an empty argument.
const newWord = "--new"

// Values tells what may follow a flag, given the flags before it with their
// values. False says that it does not know.
type Values func(flag string, chosen map[string]string) ([]Candidate, bool)

// Complete returns the candidates for the last of words, as text for the
// shell; false when they are values that Values does not know.
func Complete(root Command, words []string, values Values) (text string, ok bool) {
	if len(words) > 0 && words[0] == newWord {
		words = append(slices.Clone(words[1:]), "")
	}
	if len(words) == 0 {
		words = []string{""}
	}
	list, ok := candidates(root, words[:len(words)-1], words[len(words)-1], values)
	var b strings.Builder
	for _, c := range list {
		b.WriteString(c.Value)
		if c.About != "" {
			b.WriteString("\t" + strings.ReplaceAll(c.About, "\n", " "))
		}
		b.WriteByte('\n')
	}
	return b.String(), ok
}

// candidates are what may stand at the cursor after the words before it.
func candidates(root Command, before []string, current string, values Values) ([]Candidate, bool) {
	if slices.Contains(before, "--") {
		return nil, true // the command of exec: the shell knows better
	}
	at, flags := root, root.Flags
	chosen := map[string]string{} // flags with their values
	var open string               // the flag whose value comes next
	for _, word := range before {
		name, value, joined := strings.Cut(strings.TrimLeft(word, "-"), "=")
		switch {
		case open != "":
			chosen[open], open = word, ""
		case strings.HasPrefix(word, "-"):
			f, known := flagNamed(flags, name)
			if known && !joined && f.TakesValue {
				open = f.Names[0]
			} else if known {
				chosen[f.Names[0]] = value
			}
		default:
			i := slices.IndexFunc(at.Commands, func(c Command) bool { return c.Name == word })
			if i < 0 {
				return nil, true
			}
			at = at.Commands[i]
			flags = slices.Concat(root.Flags, at.Flags)
		}
	}
	flag, part, joined := strings.Cut(current, "=")
	switch {
	case open != "":
		list, ok := values(open, chosen)
		return fitting(list, "", current), ok
	case joined && strings.HasPrefix(flag, "-"):
		f, known := flagNamed(flags, strings.TrimLeft(flag, "-"))
		if !known {
			return nil, true
		}
		list, ok := values(f.Names[0], chosen)
		return fitting(list, flag+"=", part), ok
	case strings.HasPrefix(current, "-"):
		return fitting(flagCandidates(flags, chosen), "", current), true
	}
	var list []Candidate
	for _, c := range at.Commands {
		list = append(list, Candidate{c.Name, c.Usage})
	}
	if len(list) == 0 && current == "" {
		list = flagCandidates(flags, chosen)
	}
	return fitting(list, "", current), true
}

func flagNamed(flags []Flag, name string) (Flag, bool) {
	i := slices.IndexFunc(flags, func(f Flag) bool { return slices.Contains(f.Names, name) })
	if i < 0 {
		return Flag{}, false
	}
	return flags[i], true
}

func flagCandidates(flags []Flag, chosen map[string]string) []Candidate {
	list := []Candidate{{"--help", "show help"}}
	for _, f := range flags {
		if _, given := chosen[f.Names[0]]; !given {
			list = append(list, Candidate{"--" + f.Names[0], f.Usage})
		}
	}
	return list
}

// fitting are the candidates that begin with what is typed, or, when none do,
// that hold it: roles are remembered by their name and written by account.
func fitting(list []Candidate, prefix, typed string) []Candidate {
	var begin, hold []Candidate
	for _, c := range list {
		whole := Candidate{prefix + c.Value, c.About}
		switch {
		case strings.HasPrefix(c.Value, typed):
			begin = append(begin, whole)
		case strings.Contains(strings.ToLower(c.Value), strings.ToLower(typed)):
			hold = append(hold, whole)
		}
	}
	if len(begin) > 0 {
		return begin
	}
	return hold
}
