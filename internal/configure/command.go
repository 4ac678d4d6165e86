package configure

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/termtext"
)

var (
	// plain matches text that needs no quotes in any shell or parser of the AWS tools:
	// some split the command like a shell, some pass it to sh or cmd.exe, and some strip
	// quotes at both ends.
	plain = regexp.MustCompile(`^[A-Za-z0-9._/@:+=,-]+$`)
	// quotable matches text that is preserved in double quotes at the start of a command
	// that does not end with a quote.
	quotable = regexp.MustCompile(`^[A-Za-z0-9._/@:+=, ()-]+$`)
	// onDrive matches a Windows path that needs no quotes. Other paths are not possible,
	// because the tools that call cmd.exe pass quotes as \".
	onDrive = regexp.MustCompile(`^[A-Za-z]:(\\[A-Za-z0-9._-]+)+$`)
)

// ProcessCommand returns the credential_process of profiles, with the path of the
// program, or its name if the path needs quotes and PATH has it. executable is the
// path of this program; on some systems it contains the version, unlike the link in
// PATH.
func ProcessCommand(executable, goos string) func(profile string) (string, error) {
	return func(profile string) (string, error) {
		argument := profile
		switch {
		case plain.MatchString(profile):
		case goos != "windows" && awsconfig.CheckProfileName(profile) == nil:
			argument = "'" + profile + "'" // a POSIX shell splits the command, or shlex
		default:
			return "", fault.Newf(fault.Config, "the name of profile %q would need quotes in "+
				"credential_process, which the AWS tools parse differently", termtext.Printable(profile, 200)).
				Hint("use only letters, digits and . _ / @ : + = , - in the name, or pass --style file")
		}
		program, err := programOf(executable, goos)
		if err != nil {
			return "", err
		}
		if profile == "default" {
			return program + " credential-process", nil
		}
		return program + " credential-process --profile " + argument, nil
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
	return "", fault.Newf(fault.Config, "the path %s would need quotes in credential_process, which the AWS "+
		"tools parse differently", termtext.Printable(executable, 200)).
		Hint("move o365aws to a folder in PATH, or pass --style file")
}

// same reports whether two paths name the same file.
func same(a, b string) bool {
	x, errX := filepath.EvalSymlinks(a)
	y, errY := filepath.EvalSymlinks(b)
	return errX == nil && errY == nil && strings.EqualFold(x, y)
}
