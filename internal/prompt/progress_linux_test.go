package prompt

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/o365aws/o365aws/internal/progress"
)

// waitForOutput reads from a terminal until the output since its last call contains text.
func waitForOutput(t *testing.T, keyboard *os.File, text string) string {
	t.Helper()
	if err := keyboard.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	for chunk := make([]byte, 4096); !strings.Contains(seen.String(), text); {
		n, err := keyboard.Read(chunk)
		seen.Write(chunk[:n])
		if err != nil {
			t.Fatalf("got %q, want %q: %v", seen.String(), text, err)
		}
	}
	return seen.String()
}

func openProgress(t *testing.T, dumb bool) (*Progress, *os.File) {
	t.Helper()
	keyboard, tty := openTerminal(t)
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 60}); err != nil {
		t.Fatal(err)
	}
	return NewProgress(tty, dumb), keyboard
}

// The line shows the innermost step with its elapsed time. Other output, prompts and the
// end of the step erase it.
func TestProgress(t *testing.T) {
	p, keyboard := openProgress(t, false)
	began := time.Now()
	done := p.Step("Signing in")
	waitForOutput(t, keyboard, "\r\x1b[KSigning in... (0:00)")
	if early := time.Since(began); early < progressDelay {
		t.Errorf("the line appeared after %s, want %s", early, progressDelay)
	}
	inner := p.Step("Waiting for your approval")
	waitForOutput(t, keyboard, "\r\x1b[KWaiting for your approval... (0:01)")
	inner()
	waitForOutput(t, keyboard, "\r\x1b[KSigning in... (0:01)")
	if _, err := io.WriteString(p, "a notice\n"); err != nil {
		t.Fatal(err)
	}
	waitForOutput(t, keyboard, "\r\x1b[Ka notice")
	waitForOutput(t, keyboard, "Signing in")
	resume := p.Pause()
	if got := waitForOutput(t, keyboard, "\r\x1b[K"); !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("got %q, want the line erased", got)
	}
	resume()
	waitForOutput(t, keyboard, "Signing in... (0:00)")
	done()
	if got := waitForOutput(t, keyboard, "\r\x1b[K"); !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("got %q, want the line erased", got)
	}
}

// The keyboard shortcuts follow the elapsed time.
func TestProgressKeys(t *testing.T) {
	p, keyboard := openProgress(t, false)
	defer p.Step("Waiting" + progress.Keys + "m: another method" + progress.Keys + "Ctrl-C: stop")()
	waitForOutput(t, keyboard, "\r\x1b[KWaiting (0:00) · m: another method · Ctrl-C: stop")
}

// A step that is too long for the window is truncated to one line.
func TestProgressFitsTheWidth(t *testing.T) {
	p, keyboard := openProgress(t, false)
	defer p.Step(strings.Repeat("long ", 20))()
	if got := waitForOutput(t, keyboard, "…"); len([]rune(got)) > 60+len("\r\x1b[K") {
		t.Errorf("got %q, want at most 59 columns", got)
	}
}

// A dumb terminal gets one plain line per step.
func TestProgressOnDumbTerminal(t *testing.T) {
	p, keyboard := openProgress(t, true)
	done := p.Step("Signing in")
	waitForOutput(t, keyboard, "Signing in...\r\n")
	time.Sleep(3 * progressPeriod)
	done()
	defer p.Step("Asking AWS STS")()
	if got := waitForOutput(t, keyboard, "Asking AWS STS...\r\n"); strings.Contains(got, "\x1b") || strings.Contains(got, "Signing in") {
		t.Errorf("got %q, want one line without escape sequences", got)
	}
}
