package prompt

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"time"

	"golang.org/x/term"
)

// keyWait limits one wait for input, and so how long stop blocks.
const keyWait = 100 * time.Millisecond

// Key implements entra.Prompter. It disables echo until stop is called. Lines that were
// typed ahead are left for the next prompt.
func (t *Terminal) Key(ctx context.Context, key byte) (pressed <-chan struct{}, stop func()) {
	if !t.present() || t.lines.Buffered() > 0 {
		return nil, func() {}
	}
	fd := int(t.In.Fd())
	before, err := term.GetState(fd)
	if err != nil || watchKeys(fd) != nil {
		return nil, func() {}
	}
	found, done := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	endContinue := onContinue(func() { _ = watchKeys(fd) }) // the shell has reset the terminal
	go func() {
		defer close(done)
		if t.awaitKey(ctx, key) {
			close(found)
		}
	}()
	return found, func() {
		cancel()
		<-done
		endContinue()
		_ = term.Restore(fd, before)
	}
}

// awaitInput waits until there is input to read. Otherwise, a prompt that was canceled by
// ctx would read the input for the next one.
func (t *Terminal) awaitInput(ctx context.Context) error {
	for !keyReady(int(t.In.Fd()), keyWait) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// awaitKey reports whether the key was pressed before ctx ends or a line is typed.
func (t *Terminal) awaitKey(ctx context.Context, key byte) bool {
	buffer := make([]byte, 256)
	for ctx.Err() == nil {
		if !keyReady(int(t.In.Fd()), keyWait) {
			continue
		}
		n, err := t.In.Read(buffer)
		if err != nil {
			return false
		}
		typed := buffer[:n]
		line, rest, isLine := strings.Cut(string(typed), "\n")
		if strings.EqualFold(line, string(key)) {
			t.typedAhead([]byte(rest))
			return true
		}
		if isLine && n > 1 { // not Enter alone
			t.typedAhead(typed)
			return false
		}
	}
	return false
}

// typedAhead returns input to the reader of the next prompt.
func (t *Terminal) typedAhead(typed []byte) {
	if len(typed) > 0 {
		t.lines = bufio.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(typed)), t.lines))
		_, _ = t.lines.Peek(1) // so that Buffered counts it
	}
}
