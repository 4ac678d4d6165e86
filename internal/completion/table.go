// Package completion completes command lines. It works on a table of commands,
// flags and their values that the command line library yields, and that is
// kept as text beside this file too, so that a shell's Tab need not wait for
// the program to start (package warm).
package completion

import (
	_ "embed" // the table is a file of its own
	"strings"
)

//go:embed commands.txt
var kept string

// Command is a command with what may follow it. The root is the program
// itself; its flags may stand anywhere.
type Command struct {
	Name, Usage string
	Flags       []Flag
	Commands    []Command
}

// Flag is a flag; its first name is the one to show.
type Flag struct {
	Names      []string
	TakesValue bool
	Values     []string // those that are worth offering; no |, no space
	Usage      string
}

// Kept returns the table that was made when the program was built.
func Kept() Command {
	root, _ := read(strings.Split(strings.TrimSuffix(kept, "\n"), "\n"), 0)
	return root
}

// Format writes a table as text: a line for each command or flag, indented by
// its depth. A flag's names are joined by commas; = follows when it takes a
// value, and then the values to offer, joined by |.
func Format(root Command) string {
	var b strings.Builder
	write(&b, root, 0)
	return b.String()
}

func write(b *strings.Builder, c Command, depth int) {
	line := func(depth int, name, usage string) {
		b.WriteString(strings.Repeat("\t", depth) + name + " " + strings.Join(strings.Fields(usage), " ") + "\n")
	}
	line(depth, c.Name, c.Usage)
	for _, f := range c.Flags {
		name := "--" + strings.Join(f.Names, ",")
		if f.TakesValue {
			name += "=" + strings.Join(f.Values, "|")
		}
		line(depth+1, name, f.Usage)
	}
	for _, sub := range c.Commands {
		write(b, sub, depth+1)
	}
}

// read reads the command on the first line, and what is indented below it. It
// returns the lines that are left.
func read(lines []string, depth int) (Command, []string) {
	name, usage, _ := strings.Cut(strings.TrimLeft(lines[0], "\t"), " ")
	c := Command{Name: name, Usage: usage}
	for lines = lines[1:]; len(lines) > 0 && strings.HasPrefix(lines[0], strings.Repeat("\t", depth+1)); {
		flag, isFlag := strings.CutPrefix(lines[0][depth+1:], "--")
		if !isFlag {
			var sub Command
			sub, lines = read(lines, depth+1)
			c.Commands = append(c.Commands, sub)
			continue
		}
		names, usage, _ := strings.Cut(flag, " ")
		names, values, takesValue := strings.Cut(names, "=")
		row := Flag{Names: strings.Split(names, ","), TakesValue: takesValue, Usage: usage}
		if values != "" {
			row.Values = strings.Split(values, "|")
		}
		c.Flags = append(c.Flags, row)
		lines = lines[1:]
	}
	return c, lines
}
