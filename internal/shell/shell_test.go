package shell

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/o365aws/o365aws/internal/testenv"
)

// nasty lists values that careless quoting would change or execute.
var nasty = []string{
	"", " ", "  leading and trailing  ", "plain", "'", "''", `'\''`, `"`, `\`, `\\`, `\'`, `a\`, `a\\`,
	"`id`", "$(id)", "${HOME}", "$HOME", "$$", "!", "!!", "!x",
	"a;b", "a&b", "a|b", "a>b", "a<b", "(a)", "{a,b}", "[a]", "*", "?", "~", "~root", "#",
	"a #b", "%PATH%", "%%", "^", "a=b", "=a", "-n", "--", "-e x",
	"\n", "a\nb", "a\n", "\na", "a\n\n", "\t", "\r", "a\r\nb", "\x01\x02\x1b[31m", "\x7f", "ä€漢🙂",
	"\u2018a\u2019", "\u201ab\u201b", "\u202e", "\u0085", "\ufeff",
	"'; touch pwned; '", "\"; touch pwned; \"", "$(touch pwned)", "`touch pwned`",
	"'\n touch pwned\n'", "\\'; touch pwned; \\'",
	"IQoJb3JpZ2luX2VjE///+==", strings.Repeat("x", 5000), strings.Repeat(`'"\$`, 200),
}

// values returns the nasty values and random combinations of their characters.
func values(t *testing.T, bytesToo bool) []string {
	t.Helper()
	list := append([]string(nil), nasty...)
	if bytesToo {
		list = append(list, "\xff", "a\xc3", "\x80\x81", "\xed\xa0\x80")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	alphabet := []rune("ab '\"\\$`!#%^&*(){}[]<>|;:,.?/~=+-_@\n\t\r\x01\x1b\u2018\u2019€漢🙂")
	for range 200 {
		var b strings.Builder
		for range random.IntN(40) {
			b.WriteRune(alphabet[random.IntN(len(alphabet))])
		}
		list = append(list, b.String())
	}
	return list
}

// TestRealShellsReadTheSameBytes evaluates the lines in each shell and compares its
// environment.
func TestRealShellsReadTheSameBytes(t *testing.T) {
	testenv.Needs(t, "bash", "zsh", "fish")
	if runtime.GOOS == "windows" {
		t.Skip("POSIX shells are not part of Windows")
	}
	for _, c := range []struct {
		shell   Shell
		program string
		args    []string // $1 is the file that contains the lines
	}{
		{Sh, "sh", []string{"-c", `eval "$(cat "$1")"; exec env -0`, "sh"}},
		{Sh, "sh", []string{"-euc", `. "$1"; exec env -0`, "sh"}},
		{Bash, "bash", []string{"--norc", "-c", `eval "$(cat "$1")"; exec env -0`, "bash"}},
		{Bash, "bash", []string{"--norc", "-ic", `eval "$(cat "$1")"; exec env -0`, "bash"}}, // with history expansion
		{Zsh, "zsh", []string{"-f", "-c", `eval "$(cat "$1")"; exec env -0`, "zsh"}},
		{Zsh, "zsh", []string{
			"-f", "-o", "rcquotes", "-o", "banghist", "-o", "interactivecomments", "-c", `eval "$(cat "$1")"; exec env -0`,
			"zsh",
		}},
		{Fish, "fish", []string{"--no-config", "-c", `cat $argv[1] | source; exec env -0`}},
	} {
		t.Run(strings.Join(append([]string{c.program}, c.args[:2]...), " "), func(t *testing.T) {
			program, err := exec.LookPath(c.program)
			if err != nil {
				t.Fatalf("%v: scripts/ensure-shells.sh installs it", err)
			}
			roundTrip(t, c.shell, values(t, true), program, c.args...)
		})
	}
}

func TestPowerShellReadsTheSameBytes(t *testing.T) {
	program, err := exec.LookPath("pwsh")
	if err != nil {
		t.Skip("PowerShell is not installed; TestPowerShellQuotes checks the quoting rules")
	}
	var list []string
	for _, v := range values(t, false) {
		if v != "" && utf8.ValidString(v) { // PowerShell removes empty variables
			list = append(list, v)
		}
	}
	script := filepath.Join(t.TempDir(), "read.ps1")
	const text = `Get-Content -Raw -Encoding utf8 $args[0] | Invoke-Expression; & env -0`
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	roundTrip(t, PowerShell, list, program, "-NoProfile", "-NonInteractive", "-File", script)
}

func roundTrip(t *testing.T, s Shell, list []string, program string, args ...string) {
	t.Helper()
	dir := t.TempDir()
	var lines strings.Builder
	for i, value := range list {
		line, err := s.Set("V"+strconv.Itoa(i), value)
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		lines.WriteString(line + "\n")
	}
	for _, name := range []string{"GONE", "NEVER_WAS"} {
		line, err := s.Unset(name)
		if err != nil {
			t.Fatal(err)
		}
		lines.WriteString(line + "\n")
	}
	file := filepath.Join(dir, "lines")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append(args, file)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GONE=still here", "LC_ALL=C.UTF-8"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, err.(*exec.ExitError).Stderr)
	}
	got := map[string]string{}
	for _, entry := range bytes.Split(out, []byte{0}) {
		name, value, _ := strings.Cut(string(entry), "=")
		got[name] = value
	}
	for i, want := range list {
		if value, ok := got["V"+strconv.Itoa(i)]; !ok || value != want {
			t.Errorf("got %q, want %q", value, want)
		}
	}
	if _, ok := got["GONE"]; ok {
		t.Error("got GONE set, want it unset")
	}
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		t.Error("a value was run as a command")
	}
}

func TestPowerShellQuotes(t *testing.T) {
	for value, want := range map[string]string{
		"a":                  "$Env:X = 'a'",
		"it's":               "$Env:X = 'it''s'",
		"\u2018\u2019$(id)`": "$Env:X = '\u2018\u2018\u2019\u2019$(id)`'",
		"a\nb":               "$Env:X = 'a\nb'",
	} {
		t.Run(value, func(t *testing.T) {
			if got, err := PowerShell.Set("X", value); err != nil || got != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}

// TestCmdRefuses checks that cmd.exe, which has no reliable quoting, accepts only values
// that need none.
func TestCmdRefuses(t *testing.T) {
	for _, value := range []string{"%PATH%", `a"b`, "a\nb", "!x!", "a&b", "a|b", "<", ">", "^", "ä", "\x1b", "\x7f"} {
		if line, err := Cmd.Set("X", value); err == nil {
			t.Errorf("%q: got %s, want an error", value, line)
		}
	}
	if got, err := Cmd.Set("X", "IQoJb3/+== ~(a) 'b'"); err != nil || got != `set "X=IQoJb3/+== ~(a) 'b'"` {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestBadNamesAndNUL(t *testing.T) {
	for _, s := range All {
		for _, name := range []string{"", "A B", "A;id", "1A", "A-B", "A=B", "A\nB"} {
			if _, err := s.Set(name, "x"); err == nil {
				t.Errorf("%s: got %q set, want an error", s, name)
			}
			if _, err := s.Unset(name); err == nil {
				t.Errorf("%s: got %q unset, want an error", s, name)
			}
		}
		if _, err := s.Set("A", "a\x00b"); err == nil {
			t.Errorf("%s: got a value with NUL, want an error", s)
		}
	}
}

func TestByName(t *testing.T) {
	for name, want := range map[string]Shell{
		"sh": Sh, "bash": Bash, "zsh": Zsh, "fish": Fish, "powershell": PowerShell, "cmd": Cmd,
		"pwsh": PowerShell, "-zsh": Zsh, "/bin/dash": Sh, "ash": Sh, "ksh": Sh, "mksh": Sh, "busybox": Sh,
		`C:\Windows\System32\CMD.EXE`: Cmd,
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := ByName(name); !ok || got != want {
				t.Errorf("got %q, %v, want %q", got, ok, want)
			}
		})
	}
	if got, ok := ByName("tcsh"); ok {
		t.Errorf("tcsh: got %q, want none", got)
	}
	if got := strings.Join(Names(), " "); got != "sh bash zsh fish powershell cmd" {
		t.Errorf("got names %s", got)
	}
	set, err := Shell("tcsh").Set("A", "x")
	unset, err2 := Shell("tcsh").Unset("A")
	if err == nil || err2 == nil || set+unset != "" {
		t.Errorf("tcsh: got %q and %q, want errors", set, unset)
	}
}

func TestUnsetAndEval(t *testing.T) {
	for s, want := range map[Shell]string{
		PowerShell: "Remove-Item -ErrorAction SilentlyContinue Env:A", Cmd: `set "A="`,
	} {
		if got, err := s.Unset("A"); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", s, got, err, want)
		}
	}
	for s, want := range map[Shell]string{
		Sh: `eval "$(x)"`, Fish: "x | source", PowerShell: "x | Out-String | Invoke-Expression",
		Cmd: `for /f "delims=" %i in ('x') do @%i`,
	} {
		if got := s.Eval("x"); got != want {
			t.Errorf("%s: got %s, want %s", s, got, want)
		}
	}
}

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		goos string
		want Shell
	}{
		{map[string]string{"SHELL": "/bin/bash"}, "linux", Bash},
		{map[string]string{"SHELL": "/usr/bin/fish"}, "darwin", Fish},
		{map[string]string{"SHELL": "/bin/tcsh"}, "linux", Sh},
		{map[string]string{"SHELL": "/usr/bin/pwsh"}, "linux", PowerShell},
		{nil, "linux", Sh},
		{
			map[string]string{
				"PSModulePath": `C:\Users\ada\Documents\PowerShell\Modules;C:\Program Files\PowerShell\Modules`,
			}, "windows", PowerShell,
		},
		{map[string]string{"PSModulePath": `C:\Program Files\WindowsPowerShell\Modules`}, "windows", Cmd},
		{map[string]string{"SHELL": `C:\Program Files\Git\usr\bin\bash.exe`}, "windows", Bash},
	} {
		t.Run(fmt.Sprint(c.env, c.goos), func(t *testing.T) {
			if got := Detect(func(name string) string { return c.env[name] }, c.goos); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
