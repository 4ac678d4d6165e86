package shell

import (
	"embed"
	"strings"
)

//go:embed function
var functions embed.FS

// WithFunction lists the shells that have a function.
var WithFunction = []Shell{Bash, Zsh, Fish, PowerShell}

// Function returns the code that defines the function o365aws in a shell of WithFunction:
// it evaluates the output of o365aws use, and runs the program for everything else.
func (s Shell) Function() string {
	switch s {
	case Fish:
		return function("function.fish")
	case PowerShell:
		return function("function.ps1")
	}
	return strings.Replace(function("posix.sh"), "=SHELL", "="+string(s), 1)
}

// PromptFunction returns the code that adds the profile of the shell to its prompt.
func (s Shell) PromptFunction() string {
	switch s {
	case Fish:
		return function("prompt.fish")
	case PowerShell:
		return function("prompt.ps1")
	case Zsh:
		return function("zsh-prompt.sh")
	}
	return function("bash-prompt.sh")
}

func function(name string) string {
	text, err := functions.ReadFile("function/" + name)
	if err != nil {
		panic(err) // every name is a constant above
	}
	return string(text)
}
