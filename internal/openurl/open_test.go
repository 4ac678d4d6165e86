package openurl

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestOpeners(t *testing.T) {
	env := map[string]string{
		"BROWSER": strings.Join(
			[]string{"firefox --private-window %s", " ", "lynx", "w3m -N", "%s"}, string(rune(listSeparator)),
		),
	}
	got := Openers("https://x/?a&b", func(name string) string { return env[name] })
	for i, want := range [][]string{
		{"firefox", "--private-window", "https://x/?a&b"},
		{"lynx", "https://x/?a&b"},
		{"w3m", "-N", "https://x/?a&b"},
		{"%s", "https://x/?a&b"}, // the address is never used as the program
	} {
		if len(got) <= i || !slices.Equal(got[i], want) {
			t.Errorf("got %q", got)
		}
	}
}

// TestLaunch checks that the first installed command is started with only the given
// environment, and that its failure is reported.
func TestLaunch(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("POSIX shells are not part of Windows")
	}
	t.Setenv("O365AWS_PASSWORD", "hunter2")
	saw := filepath.Join(t.TempDir(), "environment")
	commands := [][]string{
		{"no-such-browser-at-all"}, {"sh", "-c", "env > \"$0\"; exit 3", saw}, {"sh", "-c", "exit 4"},
	}
	failed, err := Launch(commands, []string{"LANG=C"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := <-failed; !strings.Contains(err.Error(), "sh: exit status 3") {
		t.Errorf("got %v", err)
	}
	if data, err := os.ReadFile(saw); err != nil || !strings.Contains(string(data), "LANG=C") ||
		strings.Contains(string(data), "hunter2") {
		t.Errorf("%v: got environment %s", err, data)
	}
}

func TestNoBrowser(t *testing.T) {
	env := func(name string) string { return map[string]string{"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}[name] }
	if _, err := Launch(Openers("https://x/", env), nil, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrNoBrowser) {
		t.Errorf("got %v", err)
	}
}
