// Package completion completes command lines from a table of commands, flags and
// values.
package completion

// Command is a command with its flags and subcommands. The root command is the program;
// its flags may appear anywhere.
type Command struct {
	Name, Usage string
	Flags       []Flag
	Commands    []Command
}

// Flag is a flag. Its first name is the one displayed.
type Flag struct {
	Names      []string
	TakesValue bool
	Values     []string // candidates; without | and spaces
	Usage      string
}
