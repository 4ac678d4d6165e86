// Package shell prints commands that set and unset environment variables in six shells.
// Users evaluate these lines, so each value is restored byte for byte or refused.
package shell

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Shell is a shell language.
type Shell string

// Supported shells.
const (
	Sh         Shell = "sh"
	Bash       Shell = "bash"
	Zsh        Shell = "zsh"
	Fish       Shell = "fish"
	PowerShell Shell = "powershell"
	Cmd        Shell = "cmd"
)

// All lists the shells in display order.
var All = []Shell{Sh, Bash, Zsh, Fish, PowerShell, Cmd}

// Names returns the names of the shells.
func Names() []string {
	names := make([]string, len(All))
	for i, s := range All {
		names[i] = string(s)
	}
	return names
}

// ByName returns the shell with the given name or program path.
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

// Detect guesses the user's shell from the environment and the operating system.
func Detect(getenv func(string) string, goos string) Shell {
	if s, ok := ByName(getenv("SHELL")); ok {
		return s
	}
	if goos != "windows" {
		return Sh
	}
	// PowerShell adds the user's module folder; cmd.exe inherits only that of the
	// machine.
	if strings.Contains(strings.ToLower(getenv("PSModulePath")), `\documents\`) {
		return PowerShell
	}
	return Cmd
}

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Set returns the line that exports a variable.
func (s Shell) Set(name, value string) (string, error) {
	if !variable.MatchString(name) {
		return "", fmt.Errorf("invalid variable name %q", name)
	}
	if strings.ContainsRune(value, 0) {
		return "", fmt.Errorf("the value of %s contains a NUL byte", name)
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
				"the value of %s contains a character that cannot be quoted for cmd.exe: use another shell, or "+
					"o365aws exec",
				name,
			)
		}
		return `set "` + name + "=" + value + `"`, nil
	}
	return "", fmt.Errorf("unknown shell %q", string(s))
}

// Unset returns the line that unsets a variable, whether or not it is set.
func (s Shell) Unset(name string) (string, error) {
	if !variable.MatchString(name) {
		return "", fmt.Errorf("invalid variable name %q", name)
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

// Eval returns the command line that evaluates the output of a command.
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

// quotePOSIX uses single quotes, in which only the closing quote is special.
// Source: pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
func quotePOSIX(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// quoteFish escapes the two characters that are special in single quotes.
// Source: fishshell.com/docs/current/language.html#quotes
func quoteFish(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// quotePowerShell repeats every character that PowerShell reads as a single quote,
// including the typographic ones.
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

// unsafeInCmd reports characters that cmd.exe parses differently at its prompt, in a
// batch file and in for /f, even in quotes.
func unsafeInCmd(r rune) bool {
	return r < ' ' || r > 0x7e || strings.ContainsRune(`"%!^&|<>`, r)
}
