package prompt

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/manifoldco/promptui/list"
	"golang.org/x/term"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/termtext"
)

// picker is a list to move in and to filter. It uses the list of promptui and draws it
// itself: promptui's own loop loses its place when the window is resized, ignores Esc, and
// wraps lines that are wider than the window.
type picker struct {
	t      *Terminal
	title  string
	labels []string
	list   *list.List
	filter string
	drawn  []int // columns of each line on the screen, of which the first is the prompt
	width  int   // of the window
	shown  int   // lines of the list
	color  bool
}

// listSize bounds the lines of the list.
const listSize = 12

// chooseByCursor shows the list until the user chooses a label or cancels. The terminal is
// always restored.
func (t *Terminal) chooseByCursor(ctx context.Context, title string, labels []string) (int, error) {
	restore, err := rawMode(t.In, t.Out)
	if err != nil {
		return t.chooseByNumber(ctx, title, labels)
	}
	defer restore()
	p := &picker{t: t, title: title, labels: labels, color: t.Color}
	if err := p.measure(); err != nil {
		return 0, err
	}
	defer p.erase()
	resized := make(chan os.Signal, 1)
	if len(resizeSignals) > 0 {
		signal.Notify(resized, resizeSignals...)
		defer signal.Stop(resized)
	}
	i, err := p.run(ctx, resized)
	if err == nil {
		p.erase()
		p.drawn = nil
		_, _ = io.WriteString(
			t.Out, termtext.Printable(title+": "+strings.Join(strings.Fields(labels[i]), " "), maxText)+"\r\n",
		)
	}
	return i, err
}

// rawMode sets the terminal to raw mode and hides the cursor. restore reverts that.
func rawMode(in, out *os.File) (restore func(), err error) {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, err
	}
	restoreOut := enableSequences(out)
	_, _ = io.WriteString(out, "\x1b[?25l")
	return func() {
		_, _ = io.WriteString(out, "\x1b[?25h")
		restoreOut()
		_ = term.Restore(int(in.Fd()), before)
	}, nil
}

// escapeWait is the time after which Esc is a key of its own and no sequence.
const escapeWait = 50 * time.Millisecond

// run reads keys. There is never more than one read at a time: a resize does not start
// another.
func (p *picker) run(ctx context.Context, resized <-chan os.Signal) (int, error) {
	keys := make(chan read, 1)
	ask := func() {
		buffer := make([]byte, 256)
		n, err := p.t.lines.Read(buffer)
		keys <- read{string(buffer[:n]), err}
	}
	go ask()
	pending := ""
	var alone <-chan time.Time
	for {
		p.draw()
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-alone: // Esc without a sequence
			return 0, context.Canceled
		case <-resized:
			if err := p.measure(); err != nil {
				return 0, err
			}
			continue
		case got := <-keys:
			if got.err != nil {
				return 0, ended(got.err)
			}
			if err := p.measure(); err != nil { // Windows has no resize signal
				return 0, err
			}
			pending += got.text
		}
		rest, done, err := p.keys(pending)
		if done || err != nil {
			return p.chosen(), err
		}
		pending, alone = rest, nil
		if strings.HasPrefix(pending, "\x1b") {
			alone = time.After(escapeWait)
		}
		go ask()
	}
}

type read struct {
	text string
	err  error
}

// chosen returns the index of the label under the cursor.
func (p *picker) chosen() int {
	if visible, _ := p.list.Items(); len(visible) == 0 {
		return 0
	}
	return p.list.Index()
}

// measure adapts the list to the window size and keeps its position.
func (p *picker) measure() error {
	width, height, err := term.GetSize(int(p.t.Out.Fd()))
	if err != nil || width < 1 || height < 1 {
		width, height = 80, 24
	}
	size := max(1, min(listSize, height-3))
	if p.list != nil && width == p.width && size == p.shown {
		return nil
	}
	at := 0
	if p.list != nil {
		_, active := p.list.Items()
		at = p.list.Start() + max(0, active)
	}
	p.width = width
	l, err := list.New(p.labels, size)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "cannot show the list")
	}
	l.Searcher = func(input string, i int) bool { return fits(p.labels[i], input) }
	p.list, p.shown = l, size
	p.list.Search(p.filter)
	p.list.SetCursor(at)
	return nil
}

// draw redraws the list.
func (p *picker) draw() {
	visible, active := p.list.Items()
	lines := []string{p.title + " (type to filter): " + p.filter}
	for i, item := range visible {
		mark := "  "
		if i == active {
			mark = "> "
		}
		lines = append(lines, mark+item.(string))
	}
	switch {
	case len(visible) == 0:
		lines = append(lines, "  no matches")
	case p.list.CanPageUp() || p.list.CanPageDown():
		lines = append(lines, "  … more above or below")
	}
	var b strings.Builder
	b.WriteString(p.back())
	p.drawn = p.drawn[:0]
	for i, line := range lines {
		line = termtext.Printable(line, p.width-1) // a full line would wrap
		if i > 0 {
			b.WriteString("\r\n")
		}
		if i == active+1 && active >= 0 && p.color {
			b.WriteString("\x1b[36m" + line + "\x1b[0m")
		} else {
			b.WriteString(line)
		}
		p.drawn = append(p.drawn, utf8.RuneCountInString(line))
	}
	_, _ = io.WriteString(p.t.Out, b.String()) // the next read reports a closed terminal
}

// back returns the sequence that clears the drawn lines. In a narrower window, wrapped
// lines take more rows.
func (p *picker) back() string {
	if len(p.drawn) == 0 {
		return ""
	}
	rows := -1
	for _, columns := range p.drawn {
		rows += max(1, (columns+p.width-1)/p.width)
	}
	up := ""
	if rows > 0 {
		up = fmt.Sprintf("\x1b[%dA", rows)
	}
	return "\r" + up + "\x1b[J"
}

// erase clears the list.
func (p *picker) erase() { _, _ = io.WriteString(p.t.Out, p.back()) }
