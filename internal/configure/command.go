package configure

import (
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/pattern"
)

// plain is what needs no quoting in any shell and in no parser of AWS's tools:
// some split the command like a shell, some hand it to sh or cmd.exe, and some
// take quotes off its ends.
var plain = pattern.New(`^[A-Za-z0-9._/@:+=,-]+$`)

// ProcessCommand returns the credential_process of profiles: the program by
// its path where that needs no quotes, else by its name if PATH has it.
// executable is this program's path, which on some systems is that of a
// version and not the link to it that stays.
func ProcessCommand(executable, goos string) func(profile string) (string, error) {
	return func(profile string) (string, error) {
		if !plain.MatchString(profile) {
			return "", fault.Newf(fault.Config, "the name of profile %q would need quotes in its credential_process, which AWS's tools read differently", printable(profile)).
				Hint("choose a name of letters, digits and . _ / @ : + = , - or use --style file")
		}
		program, err := programOf(executable, goos)
		if err != nil {
			return "", err
		}
		if profile == "default" {
			return program + " credential-process", nil
		}
		return program + " credential-process --profile " + profile, nil
	}
}

func programOf(executable, goos string) (string, error) {
	stable, found := executable, false
	if inPath, err := exec.LookPath("o365aws"); err == nil && same(inPath, executable) {
		stable, found = inPath, true
	}
	// cmd.exe takes a slash for the beginning of a switch.
	if goos != "windows" && filepath.IsAbs(stable) && plain.MatchString(stable) {
		return stable, nil
	}
	if found {
		return "o365aws", nil
	}
	return "", fault.Newf(fault.Config, "the path %s would need quotes in credential_process, which AWS's tools read differently", printable(executable)).
		Hint("move o365aws into a folder of PATH, or use --style file")
}

// same reports whether two paths lead to one file.
func same(a, b string) bool {
	x, errX := filepath.EvalSymlinks(a)
	y, errY := filepath.EvalSymlinks(b)
	return errX == nil && errY == nil && strings.EqualFold(x, y)
}
