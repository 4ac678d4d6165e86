package prompt

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/termtext"
)

// Progress shows on a terminal what the program is waiting for, on a line that other
// output erases. A dumb terminal gets one line per step instead. Progress implements
// progress.Reporter, and io.Writer for the other output of the terminal. A nil Progress
// shows nothing.
type Progress struct {
	terminal    *os.File
	dumb, color bool

	mu     sync.Mutex
	steps  []*step
	paused int
	shown  bool
	quiet  time.Time // time of the last output
	timer  *time.Timer
}

type step struct {
	text    string
	began   time.Time
	printed bool // the step was printed on a dumb terminal
}

const (
	progressDelay  = 400 * time.Millisecond
	progressPeriod = 200 * time.Millisecond
)

// NewProgress returns a Progress for a terminal.
func NewProgress(terminal *os.File, dumb bool) *Progress {
	return &Progress{terminal: terminal, dumb: dumb}
}

// SetColor sets whether the line is dimmed.
func (p *Progress) SetColor(on bool) {
	if p != nil {
		p.color = on
	}
}

// Step implements progress.Reporter.
func (p *Progress) Step(text string) (done func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &step{text: text, began: time.Now()}
	if len(p.steps) == 0 {
		p.quiet = s.began
	}
	p.steps = append(p.steps, s)
	p.refresh()
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.steps = slices.DeleteFunc(p.steps, func(other *step) bool { return other == s })
		p.refresh()
	}
}

// Write implements io.Writer. It erases the line first.
func (p *Progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	p.quiet = time.Now()
	return p.terminal.Write(b)
}

// Pause erases the line and hides it until resume is called, so that a prompt can be
// shown.
func (p *Progress) Pause() (resume func()) {
	if p == nil {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused++
	p.erase()
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.paused--
		p.quiet = time.Now()
		if n := len(p.steps); n > 0 {
			p.steps[n-1].began = p.quiet // the time that the user takes does not count
		}
		p.refresh()
	}
}

// refresh redraws the line if it is visible or due, and starts or stops the timer.
func (p *Progress) refresh() {
	if len(p.steps) == 0 || p.paused > 0 {
		p.erase()
		if p.timer != nil {
			p.timer.Stop()
			p.timer = nil
		}
		return
	}
	if p.timer == nil {
		p.timer = time.AfterFunc(progressPeriod, p.tick)
	}
	if p.shown || time.Since(p.quiet) >= progressDelay {
		p.draw(p.steps[len(p.steps)-1])
	}
}

func (p *Progress) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Reset(progressPeriod)
		p.refresh()
	}
}

func (p *Progress) draw(s *step) {
	text, keys := s.text, ""
	if i := strings.Index(text, progress.Keys); i >= 0 {
		text, keys = text[:i], text[i:]
	}
	if p.dumb {
		if !s.printed {
			s.printed = true
			_, _ = fmt.Fprintln(p.terminal, text+"..."+keys)
		}
		return
	}
	dots := "..."
	if keys != "" {
		dots = ""
	}
	seconds := int(time.Since(s.began).Seconds())
	line := fmt.Sprintf("%s%s (%d:%02d)%s", text, dots, seconds/60, seconds%60, keys)
	line = termtext.Printable(line, max(Width(p.terminal)-1, 1))
	if p.color {
		line = "\x1b[2m" + line + "\x1b[0m"
	}
	_, _ = io.WriteString(p.terminal, "\r\x1b[K"+line)
	p.shown = true
}

func (p *Progress) erase() {
	if p.shown {
		_, _ = io.WriteString(p.terminal, "\r\x1b[K")
		p.shown = false
	}
}
