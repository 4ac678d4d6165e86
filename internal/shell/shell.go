// Package shell writes commands that set and unset environment variables, in
// the languages of six shells. A value comes out of the shell byte for byte as
// it went in, or it is refused: whoever runs these lines runs them by eval.
package shell

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Shell is the language to write.
type Shell string

// The shells that are known.
const (
	Sh         Shell = "sh"
	Bash       Shell = "bash"
	Zsh        Shell = "zsh"
	Fish       Shell = "fish"
	PowerShell Shell = "powershell"
	Cmd        Shell = "cmd"
)

// All lists the shells in the order of help texts.
var All = []Shell{Sh, Bash, Zsh, Fish, PowerShell, Cmd}

// Names lists the shells by name.
func Names() []string {
	names := make([]string, len(All))
	for i, s := range All {
		names[i] = string(s)
	}
	return names
}

// ByName finds a shell by its name, or by the path of its program.
func ByName(name string) (Shell, bool) {
	base := strings.TrimSuffix(strings.ToLower(filepath.Base(strings.ReplaceAll(name, `\`, "/"))), ".exe")
	base = strings.TrimPrefix(base, "-") // a login shell
	switch base {
	case "pwsh":
		return PowerShell, true
	case "dash", "ash", "ksh", "mksh", "busybox":
		return Sh, true
	}
	s := Shell(base)
	return s, slices.Contains(All, s)
}

// Detect guesses the shell that will read the lines, from the environment and
// the operating system.
func Detect(getenv func(string) string, goos string) Shell {
	if s, ok := ByName(getenv("SHELL")); ok {
		return s
	}
	if goos != "windows" {
		return Sh
	}
	// PowerShell puts the user's own folder of modules in front of the
	// machine's, which alone is what cmd.exe inherits.
	if strings.Contains(strings.ToLower(getenv("PSModulePath")), `\documents\`) {
		return PowerShell
	}
	return Cmd
}

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Set returns the line that exports a variable.
func (s Shell) Set(name, value string) (string, error) {
	if !variable.MatchString(name) {
		return "", fmt.Errorf("%q is not the name of a variable", name)
	}
	if strings.ContainsRune(value, 0) {
		return "", fmt.Errorf("the value of %s holds a NUL, which no environment can", name)
	}
	switch s {
	case Sh, Bash, Zsh:
		return "export " + name + "=" + quotePOSIX(value), nil
	case Fish:
		return "set -gx " + name + " " + quoteFish(value), nil
	case PowerShell:
		return "$Env:" + name + " = " + quotePowerShell(value), nil
	case Cmd:
		if i := strings.IndexFunc(value, unsafeInCmd); i >= 0 {
			return "", fmt.Errorf(
				"the value of %s holds a character that cmd.exe cannot be given safely: use another shell, or o365aws exec",
				name,
			)
		}
		return `set "` + name + "=" + value + `"`, nil
	}
	return "", fmt.Errorf("unknown shell %q", string(s))
}

// Unset returns the line that removes a variable, also when there is none.
func (s Shell) Unset(name string) (string, error) {
	if !variable.MatchString(name) {
		return "", fmt.Errorf("%q is not the name of a variable", name)
	}
	switch s {
	case Sh, Bash, Zsh:
		return "unset " + name, nil
	case Fish:
		return "set -e " + name, nil
	case PowerShell:
		return "Remove-Item -ErrorAction SilentlyContinue Env:" + name, nil
	case Cmd:
		return `set "` + name + `="`, nil
	}
	return "", fmt.Errorf("unknown shell %q", string(s))
}

// Eval returns the line by which a person has the shell read what command
// prints.
func (s Shell) Eval(command string) string {
	switch s {
	case Fish:
		return command + " | source"
	case PowerShell:
		return command + " | Out-String | Invoke-Expression"
	case Cmd:
		return `for /f "delims=" %i in ('` + command + `') do @%i`
	}
	return `eval "$(` + command + `)"`
}

// quotePOSIX uses single quotes, in which nothing is special but their end.
// Source: pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
func quotePOSIX(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// quoteFish escapes the two characters that are special in single quotes.
// Source: fishshell.com/docs/current/language.html#quotes
func quoteFish(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// quotePowerShell doubles every character that PowerShell takes for a single
// quote, the typographic ones among them.
// Source: learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules
func quotePowerShell(value string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range value {
		if strings.ContainsRune("'\u2018\u2019\u201a\u201b", r) {
			b.WriteRune(r)
		}
		b.WriteRune(r)
	}
	return b.String() + "'"
}

// unsafeInCmd finds what cmd.exe reads differently at its prompt, in a batch
// file and in for /f, quotes or not.
func unsafeInCmd(r rune) bool {
	return r < ' ' || r > 0x7e || strings.ContainsRune(`"%!^&|<>`, r)
}
