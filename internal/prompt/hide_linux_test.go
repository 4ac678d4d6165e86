package prompt

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// The echo ends before the question for a password is there to be answered: a
// person who types at once, or a paste, is not shown.
func TestHiddenBeforeAsked(t *testing.T) {
	person, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = person.Close(), tty.Close() }()
	shown, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = shown.Close(), out.Close() }()
	fill(t, out)
	asked := make(chan string, 1)
	go func() {
		password, err := New(Options{In: tty, Out: out, Err: os.Stderr}).Password(context.Background(), "ada", false)
		if err != nil {
			t.Error(err)
		}
		asked <- password.Reveal()
	}()
	// The question does not fit into the pipe, so it waits to be shown.
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		termios, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if termios.Lflag&unix.ECHO == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the question is asked while the terminal still shows what is typed")
		}
	}
	go func() {
		for chunk := make([]byte, 4096); err == nil; {
			_, err = shown.Read(chunk)
		}
	}()
	if _, err := person.WriteString("secret\r"); err != nil {
		t.Fatal(err)
	}
	if got := <-asked; got != "secret" {
		t.Errorf("the password is %q", got)
	}
}

// fill writes into a pipe until it takes no more: whole pages, which leave no
// room.
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
