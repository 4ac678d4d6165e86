//go:build unix

package cli_test

import (
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/o365aws/o365aws/internal/fakecloud"
)

// atTheRoles starts a login and waits for the list of 250 roles in 40 accounts.
func atTheRoles(t *testing.T) (*terminal, term.State) {
	t.Helper()
	p := onTerminal(t, startedCloud(t, "many-roles"), "linus@contoso.example", "login")
	before := state(t, p) // the first prompt appears after the browser has started
	p.waitFor("Password for linus@contoso.example: ")
	p.types(fakecloud.Password + "\r")
	p.waitFor("type to filter")
	return p, before
}

// Typing filters 250 roles, even while the window is resized.
func TestPickerNarrowsAndResizes(t *testing.T) {
	parallelOnCPU(t)
	p, before := atTheRoles(t)
	p.types("3333 engin")
	p.waitFor("of 250): 3333 engin")
	for _, size := range []pty.Winsize{{Rows: 6, Cols: 30}, {Rows: 1, Cols: 5}, {Rows: 50, Cols: 200}} {
		if err := pty.Setsize(p.tty, &size); err != nil {
			t.Fatal(err)
		}
	}
	p.types("\x15100000033330 ENG") // Ctrl-U, then another account
	p.waitFor("(1 of 250): 100000033330 ENG")
	p.types("\x1b[A\x1b[B\r")
	if code := p.exit(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, p.screen())
	}
	if !strings.Contains(p.screen(), "engineer in account 100000033330") {
		t.Errorf("want engineer in account 100000033330:\n%s", p.screen())
	}
	checkRestored(t, p, before)
}

// The list uses the height of the window, and an abbreviation finds a role. The next
// login lists the most used roles first.
func TestPickerHeightAndOrder(t *testing.T) {
	parallelOnCPU(t)
	p, before := atTheRoles(t)
	p.waitFor("Role (250 of 250): ")
	p.waitFor("Esc cancel")
	if err := pty.Setsize(p.tty, &pty.Winsize{Rows: 60, Cols: 120}); err != nil {
		t.Fatal(err)
	}
	p.types("\x0e")             // the next line
	p.waitFor("100000008888  ") // the 57th role
	p.types("100000022220 egnr")
	p.waitFor("(1 of 250): 100000022220 egnr")
	p.types("\r")
	if code := p.exit(); code != 0 || !strings.Contains(p.screen(), "engineer in account 100000022220") {
		t.Fatalf("exit code %d, want engineer in account 100000022220:\n%s", code, p.screen())
	}
	checkRestored(t, p, before)
}

// Canceling the list exits with 130 and restores the terminal.
func TestPickerCancel(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string]string{
		"Ctrl-C": "\x03", "Esc": "\x1b", "Ctrl-C after a filter without matches": "zzzz\r\x03", "Ctrl-D": "\x04",
	} {
		t.Run(name, func(t *testing.T) {
			parallelOnCPU(t)
			p, before := atTheRoles(t)
			p.types(keys)
			if code := p.exit(); code != 130 {
				t.Errorf("exit code %d:\n%s", code, p.screen())
			}
			checkRestored(t, p, before)
		})
	}
}

// checkRestored checks that the cursor is visible and the terminal mode restored.
func checkRestored(t *testing.T, p *terminal, before term.State) {
	t.Helper()
	shown := p.screen()
	if strings.LastIndex(shown, "\x1b[?25l") > strings.LastIndex(shown, "\x1b[?25h") {
		t.Error("the cursor stays hidden")
	}
	if after := state(t, p); after != before {
		t.Errorf("terminal mode: got %v, want %v", after, before)
	}
}

func state(t *testing.T, p *terminal) term.State {
	t.Helper()
	s, err := term.GetState(int(p.tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return *s
}
