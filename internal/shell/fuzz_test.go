package shell

import (
	"os/exec"
	"runtime"
	"testing"

	"github.com/o365aws/o365aws/internal/testenv"
)

// FuzzSet checks that a shell that evaluates the line has the exact value in its
// environment, or that the value was refused.
func FuzzSet(f *testing.F) {
	testenv.Needs(f, "bash", "zsh", "fish")
	if runtime.GOOS == "windows" {
		f.Skip("POSIX shells are not part of Windows")
	}
	for _, value := range nasty {
		for i := range 4 {
			f.Add(value, uint8(i))
		}
	}
	shells := []struct {
		shell Shell
		args  []string
	}{
		{Sh, []string{"sh", "-c", `eval "$1"; printf %s "$V"`, "sh"}},
		{Bash, []string{"bash", "--norc", "-c", `eval "$1"; printf %s "$V"`, "bash"}},
		{Zsh, []string{"zsh", "-f", "-c", `eval "$1"; printf %s "$V"`, "zsh"}},
		{Fish, []string{"fish", "--no-config", "-c", `eval $argv[1]; printf %s $V`}},
	}
	f.Fuzz(func(t *testing.T, value string, which uint8) {
		s := shells[int(which)%len(shells)]
		line, err := s.shell.Set("V", value)
		if err != nil || len(value) > 50_000 { // Linux limits the size of an argument
			return
		}
		cmd := exec.Command(s.args[0], append(s.args[1:], line)...)
		cmd.Dir = t.TempDir()
		cmd.Env = []string{"HOME=" + cmd.Dir, "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
		out, err := cmd.Output()
		if err != nil || string(out) != value {
			t.Errorf("%s, %q: got %q, %v, want %q", s.shell, line, out, err, value)
		}
	})
}
