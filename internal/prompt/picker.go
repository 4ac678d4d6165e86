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

// picker is a scrollable list with a filter. It uses the list model of promptui but draws
// it itself, because promptui's own loop corrupts the display when the window is resized,
// ignores Esc, and wraps lines that are wider than the window.
type picker struct {
	t       *Terminal
	title   string
	labels  []string
	filter  string
	matches []match
	list    *list.List // of matches; nil if there are none
	drawn   []int      // width of each line on the screen; the first is the prompt
	width   int        // of the window, in columns
	size    int        // number of lines for the list
	color   bool
}

// pickerKeys is shown below the list if there is room.
const pickerKeys = "type to filter · ↑↓ PgUp PgDn move · Enter select · Esc cancel"

// chooseByCursor shows the list until the user selects a label or cancels. It always
// restores the terminal.
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
		chosen := title + ": " + strings.Join(strings.Fields(labels[i]), " ")
		_, _ = io.WriteString(t.Out, termtext.Printable(chosen, maxText)+"\r\n")
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

// escapeWait is the delay after which Esc counts as a key press rather than the start of
// a sequence.
const escapeWait = 50 * time.Millisecond

// run reads keys until the user selects a label. Only one read is pending at a time: a
// resize does not start another.
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
		if done {
			return p.matches[p.list.Index()].label, nil
		}
		if err != nil {
			return 0, err
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

// measure adapts the list to the window size and preserves the selection.
func (p *picker) measure() error {
	width, height, err := term.GetSize(int(p.t.Out.Fd()))
	if err != nil || width < 1 || height < 1 {
		width, height = 80, 24
	}
	size := max(1, height-3) // without the prompt, the key help and the cursor line
	if size == p.size && width == p.width {
		return nil
	}
	at := 0
	if p.list != nil {
		at = p.list.Index()
	}
	p.width, p.size = width, size
	if err := p.search(p.filter); err != nil {
		return err
	}
	if p.list != nil {
		p.list.SetCursor(at)
	}
	return nil
}

// search lists the labels that match filter, best matches first.
func (p *picker) search(filter string) (err error) {
	p.filter, p.matches, p.list = filter, matchLabels(p.labels, filter), nil
	if len(p.matches) == 0 {
		return nil
	}
	if p.list, err = list.New(p.matches, p.size); err != nil {
		return fault.Wrap(fault.Internal, err, "cannot show the list")
	}
	return nil
}

// draw redraws the list.
func (p *picker) draw() {
	var b strings.Builder
	b.WriteString(p.back())
	p.drawn = nil
	line := func(text string, style func(string) string) {
		text = termtext.Printable(text, p.width-1) // a full line would wrap
		if len(p.drawn) > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(style(text))
		p.drawn = append(p.drawn, utf8.RuneCountInString(text))
	}
	plain := func(text string) string { return text }
	line(fmt.Sprintf("%s (%d of %d): %s", p.title, len(p.matches), len(p.labels), p.filter), plain)
	var visible []any
	active := 0
	if p.list != nil {
		visible, active = p.list.Items()
	} else {
		line("  no matches", plain)
	}
	for i, item := range visible {
		found := item.(match)
		mark, base := "  ", ""
		if i == active {
			mark, base = "> ", "36"
		}
		line(mark+p.labels[found.label], func(text string) string {
			if !p.color {
				return text
			}
			return found.highlight(text, len(mark), base)
		})
	}
	if p.size > 1 {
		line(pickerKeys, func(text string) string {
			if !p.color {
				return text
			}
			return "\x1b[2m" + text + "\x1b[0m"
		})
	}
	_, _ = io.WriteString(p.t.Out, b.String()) // the next read reports a closed terminal
}

// back returns the sequence that erases the drawn lines. In a window that has become
// narrower, wrapped lines occupy more rows.
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
