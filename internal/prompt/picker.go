package prompt

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/manifoldco/promptui/list"
	"golang.org/x/term"

	"github.com/o365aws/o365aws/internal/fault"
)

// picker is a list that arrows move in and typing narrows. It takes the model
// of promptui and draws by itself: promptui's own loop loses its place when
// the window changes its size, has no way out by Esc, and shows lines that
// are longer than the window as two.
type picker struct {
	t      *Terminal
	title  string
	labels []string
	list   *list.List
	filter string
	drawn  []int // columns of each line on the screen, the first being the question
	width  int   // of the window
	shown  int   // lines of the list
	color  bool
}

// listSize is how many lines of a list are shown at once, where there is room.
const listSize = 12

// chooseByCursor shows the list until one is taken. The terminal is put back
// on every way out.
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

// rawMode has the terminal pass every key on, and returns what undoes that.
func rawMode(in, out *os.File) (restore func(), err error) {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, err
	}
	plain := sequences(out)
	_, _ = io.WriteString(out, "\x1b[?25l") // no cursor in a list
	return func() {
		_, _ = io.WriteString(out, "\x1b[?25h")
		plain()
		_ = term.Restore(int(in.Fd()), before)
	}, nil
}

// escapeWait is how long the rest of a key's sequence may take to come.
const escapeWait = 50 * time.Millisecond

// run reads keys one after another. A read that is under way is kept while
// the window changes: there is never more than one.
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
		case <-alone: // Esc, with nothing after it
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
			if err := p.measure(); err != nil { // where no signal tells of a new size
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

// chosen is the index of the label under the cursor.
func (p *picker) chosen() int {
	if visible, _ := p.list.Items(); len(visible) == 0 {
		return 0
	}
	return p.list.Index()
}

// measure lays the list out for the window as it is, in the same place.
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

// draw replaces what is on the screen by how the list is now.
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
	_, _ = io.WriteString(p.t.Out, b.String()) // a terminal that is gone is told by the next read
}

// back leads to the beginning of what was drawn, and clears it. Lines that a
// narrower window has wrapped take more rows than they were.
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
		up = "\x1b[" + itoa(rows) + "A"
	}
	return "\r" + up + "\x1b[J"
}

// erase takes the list off the screen.
func (p *picker) erase() { _, _ = io.WriteString(p.t.Out, p.back()) }
