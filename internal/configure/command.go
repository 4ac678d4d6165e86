package configure

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/fault"
)

var (
	// plain is what needs no quoting in any shell and in no parser of AWS's
	// tools: some split the command like a shell, some hand it to sh or
	// cmd.exe, and some take quotes off its ends.
	plain = regexp.MustCompile(`^[A-Za-z0-9._/@:+=,-]+$`)
	// quotable is what stays itself in double quotes, for those that split and
	// for sh. They stand at the beginning of a command that ends without.
	quotable = regexp.MustCompile(`^[A-Za-z0-9._/@:+=, ()-]+$`)
	// onDrive is a path of Windows that needs no quotes. Where some would be
	// needed there is no way: those who call cmd.exe pass them on as \".
	onDrive = regexp.MustCompile(`^[A-Za-z]:(\\[A-Za-z0-9._-]+)+$`)
)

// ProcessCommand returns the credential_process of profiles: the program by
// its path, or by its name if the path needs quotes and PATH has it.
// executable is this program's path, which on some systems is that of a
// version and not the link to it that stays.
func ProcessCommand(executable, goos string) func(profile string) (string, error) {
	return func(profile string) (string, error) {
		if !plain.MatchString(profile) {
			return "", fault.Newf(fault.Config, "the name of profile %q would need quotes in its credential_process, which AWS's tools read differently", termtext.Printable(profile, 200)).
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
	absolute := goos != "windows" && filepath.IsAbs(stable)
	switch {
	case absolute && plain.MatchString(stable):
		return stable, nil
	case found:
		return "o365aws", nil
	case absolute && quotable.MatchString(stable):
		return `"` + stable + `"`, nil
	case goos == "windows" && onDrive.MatchString(stable):
		return stable, nil
	}
	return "", fault.Newf(fault.Config, "the path %s would need quotes in credential_process, which AWS's tools read differently", termtext.Printable(executable, 200)).
		Hint("move o365aws into a folder of PATH, or use --style file")
}

// same reports whether two paths lead to one file.
func same(a, b string) bool {
	x, errX := filepath.EvalSymlinks(a)
	y, errY := filepath.EvalSymlinks(b)
	return errX == nil && errY == nil && strings.EqualFold(x, y)
}
