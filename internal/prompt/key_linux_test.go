package prompt

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// A key is read without Enter and not shown; lines typed ahead are left for the next
// prompt. The test starts a separate process that is in the foreground of its terminal.
func TestKey(t *testing.T) {
	if os.Getenv("TEST_KEY") != "" {
		watchForKey(t)
		return
	}
	for _, c := range []struct{ name, typed, want string }{
		{"the key", "m", "pressed"},
		{"upper case", "M", "pressed"},
		{"another key", "x", "not pressed"},
		{"a line", "ada\n", "not pressed ada"},
		{"key and line", "m\nada\n", "pressed ada"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestKey$")
			cmd.Env = append(os.Environ(), "TEST_KEY=key")
			if strings.Contains(c.typed, "\n") {
				cmd.Env = append(os.Environ(), "TEST_KEY=line")
			}
			keyboard, err := pty.Start(cmd)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = keyboard.Close() }()
			waitForOutput(t, keyboard, "watching")
			if _, err := keyboard.WriteString(c.typed); err != nil {
				t.Fatal(err)
			}
			got := waitForOutput(t, keyboard, "end\r\n")
			got, _, _ = strings.Cut(got, " end")
			got = strings.Join(strings.Fields(got), " ")
			if err := cmd.Wait(); err != nil || got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

// watchForKey is the program of TestKey.
func watchForKey(t *testing.T) {
	tty, out, closeTerminal := OpenTerminal()
	defer closeTerminal()
	p := New(Options{In: tty, Out: out, Err: out})
	before, err := unix.IoctlGetTermios(int(tty.Fd()), getTermios)
	if err != nil {
		t.Fatal(err)
	}
	pressed, stop := p.Key(t.Context(), 'm')
	p.Notice("watching")
	said := "not pressed"
	select {
	case <-pressed:
		said = "pressed"
	case <-time.After(3 * time.Second):
	}
	stop()
	after, err := unix.IoctlGetTermios(int(tty.Fd()), getTermios)
	if err != nil || after.Lflag != before.Lflag {
		t.Errorf("got terminal flags %#x, %v, want %#x", after.Lflag, err, before.Lflag)
	}
	answer := ""
	if os.Getenv("TEST_KEY") == "line" {
		if answer, err = p.Answer(t.Context(), ""); err != nil {
			t.Error(err)
		}
	}
	p.Notice(said + " " + answer + " end")
}
