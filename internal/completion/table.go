// Package completion completes command lines from a table of commands, flags and
// their values.
package completion

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
