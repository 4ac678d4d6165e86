package termtext

import (
	"runtime"
	"strings"
)

// ShellWord quotes a word in a command of a hint, if necessary, for the shells of this
// operating system.
func ShellWord(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("._/@:+=,-", r)
	}
	switch {
	case word != "" && strings.TrimFunc(word, plain) == "":
		return word
	case runtime.GOOS == "windows":
		return `"` + word + `"` // cmd.exe and PowerShell
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
