package shell

import (
	"embed"
	"strings"
)

//go:embed function
var functions embed.FS

// WithFunction lists the shells for which Function exists.
var WithFunction = []Shell{Bash, Zsh, Fish, PowerShell}

// Function returns code that defines the shell function o365aws, for the shells in
// WithFunction. It evaluates the output of o365aws use and runs the program for
// everything else.
func (s Shell) Function() string {
	switch s {
	case Fish:
		return function("function.fish")
	case PowerShell:
		return function("function.ps1")
	}
	return strings.Replace(function("posix.sh"), "=SHELL", "="+string(s), 1)
}

// PromptFunction returns code that adds the shell's profile to its prompt.
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
		panic(err) // every name is one of the constants above
	}
	return string(text)
}
