package prompt

import (
	"bufio"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// Echo is disabled before the password prompt appears, so that type-ahead is hidden.
func TestHiddenBeforePrompt(t *testing.T) {
	keyboard, tty := openTerminal(t)
	shown, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = shown.Close(), out.Close() }()
	fill(t, out)
	answered := answer(t, tty, out)
	// The pipe is full, so the prompt blocks.
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		termios, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if termios.Lflag&unix.ECHO == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the terminal echoes at the prompt")
		}
	}
	go func() {
		for chunk := make([]byte, 4096); err == nil; {
			_, err = shown.Read(chunk)
		}
	}()
	if _, err := keyboard.WriteString("secret\r"); err != nil {
		t.Fatal(err)
	}
	if got := <-answered; got != "secret" {
		t.Errorf("the password is %q", got)
	}
}

// After a stop, during which the shell enables echo, the prompt is shown again with echo
// disabled.
func TestHiddenAfterStop(t *testing.T) {
	keyboard, tty := openTerminal(t)
	fd := int(tty.Fd())
	answered := answer(t, tty, tty)
	shown := bufio.NewReader(keyboard)
	asked := func() {
		t.Helper()
		if err := keyboard.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if text, err := shown.ReadString(':'); err != nil || !strings.HasSuffix(text, "Password for ada:") {
			t.Fatalf("%q, %v", text, err)
		}
	}
	asked()
	termios, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err == nil {
		termios.Lflag |= unix.ECHO
		err = unix.IoctlSetTermios(fd, unix.TCSETS, termios)
	}
	if err == nil {
		err = unix.Kill(os.Getpid(), unix.SIGCONT)
	}
	if err != nil {
		t.Fatal(err)
	}
	asked()
	if _, err := keyboard.WriteString("secret\r"); err != nil {
		t.Fatal(err)
	}
	if got := <-answered; got != "secret" {
		t.Errorf("the password is %q", got)
	}
	if rest, err := shown.ReadString('\n'); err != nil || strings.Contains(rest, "secret") {
		t.Errorf("got %q on the screen and error %v, want no password", rest, err)
	}
	if termios, err = unix.IoctlGetTermios(fd, unix.TCGETS); err != nil || termios.Lflag&unix.ECHO == 0 {
		t.Errorf("the echo is not restored, %v", err)
	}
}

// openTerminal returns both ends of a pseudo-terminal.
func openTerminal(t *testing.T) (keyboard, tty *os.File) {
	t.Helper()
	keyboard, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = keyboard.Close(), tty.Close() })
	return keyboard, tty
}

// answer starts a password prompt and returns a channel that receives the answer.
func answer(t *testing.T, tty, out *os.File) <-chan string {
	answered := make(chan string, 1)
	go func() {
		password, err := New(Options{In: tty, Out: out, Err: os.Stderr}).Password(context.Background(), "ada", false)
		if err != nil {
			t.Error(err)
		}
		answered <- password.Reveal()
	}()
	return answered
}

// fill fills a pipe with whole pages.
func fill(t *testing.T, pipe *os.File) {
	t.Helper()
	if err := pipe.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for err := error(nil); err == nil; {
		_, err = pipe.Write(make([]byte, 4096))
	}
	if err := pipe.SetWriteDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
}
