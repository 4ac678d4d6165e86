package entra

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// script is a Page that shows a sequence of snapshots. Each click advances it.
type script struct {
	pages    []Snapshot
	at       int
	typed    []string
	clicked  []string
	went     []string // addresses after the first one
	begun    bool
	prepared []string
	moved    int // number of fills that find no element
	slips    int // number of clicks that find no element
	assert   chan secret.Text
	changed  chan struct{}
	gone     chan struct{}
	stayPut  bool
}

func newScript(pages ...Snapshot) *script {
	for i := range pages {
		pages[i].Ready, pages[i].Secure = true, true
		pages[i].Document = int64(i + 1)
		if pages[i].Host == "" {
			pages[i].Host = "login.microsoftonline.com"
		}
	}
	return &script{
		pages: pages, assert: make(chan secret.Text, 1), changed: make(chan struct{}, 1),
		gone: make(chan struct{}),
	}
}

func (p *script) Prepare(_ context.Context, preference Preference) error {
	p.prepared = append(p.prepared, preference.Script())
	return nil
}

// Navigate shows the next page, except for the first call.
func (p *script) Navigate(_ context.Context, url string) error {
	if p.begun {
		p.went = append(p.went, url)
		p.next()
	}
	p.begun = true
	return nil
}

func (p *script) Snapshot(context.Context) (Snapshot, error) { return p.pages[p.at], nil }

func (p *script) Fill(_ context.Context, selector string, text secret.Text, hosts []string) (bool, error) {
	if !slices.Contains(hosts, p.pages[p.at].Host) {
		return false, &WrongHostError{Host: p.pages[p.at].Host, Why: "not allowed"}
	}
	if p.moved > 0 {
		p.moved--
		return false, nil
	}
	p.typed = append(p.typed, strings.SplitN(selector, ",", 2)[0]+"="+text.Reveal())
	return true, nil
}

func (p *script) Click(_ context.Context, selector string, _ int) (bool, error) {
	if p.slips > 0 {
		p.slips--
		return false, nil
	}
	p.clicked = append(p.clicked, selector)
	if !p.stayPut && !strings.HasSuffix(selector, ":not(:checked)") {
		p.next()
	}
	return true, nil
}

// next shows the next page or, after the last one, captures the assertion.
func (p *script) next() {
	if p.at++; p.at == len(p.pages) {
		p.at--
		p.assert <- secret.New("assertion")
	}
	p.changed <- struct{}{}
}

func (p *script) tellChanged() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

func (p *script) Changed() <-chan struct{}     { return p.changed }
func (p *script) Captured() <-chan secret.Text { return p.assert }
func (p *script) Gone() <-chan struct{}        { return p.gone }

// fakeUser answers prompts from lists. With an empty list, a prompt returns an error.
type fakeUser struct {
	passwords, codes, names []string
	yes                     bool
	away                    bool     // the phone is not available
	impatient               bool     // switches to another method while one is pending
	picks                   []int    // indexes of choices; if empty, the last one is selected
	offered                 []string // by the last choice
	watching                int      // watches for keys
	shown                   []string
	asked                   []string
	again                   []bool // argument again of each prompt for a code
	last                    error  // instead of errNoInput
}

// slowUser needs a minute to enter a password.
type slowUser struct {
	fakeUser
	clock time.Time
}

func (p *slowUser) Password(ctx context.Context, user string, again bool) (secret.Text, error) {
	p.clock = p.clock.Add(time.Minute)
	return p.fakeUser.Password(ctx, user, again)
}

var errNoInput = fault.New(fault.NeedsInput, "prompts are not possible")

func next(list *[]string) (string, error) {
	if len(*list) == 0 {
		return "", errNoInput
	}
	first := (*list)[0]
	*list = (*list)[1:]
	return first, nil
}

func (p *fakeUser) Username(context.Context) (string, error) { return next(&p.names) }

func (p *fakeUser) Password(_ context.Context, user string, again bool) (secret.Text, error) {
	p.asked = append(p.asked, user)
	_ = again
	v, err := next(&p.passwords)
	if err != nil && p.last != nil {
		err = p.last
	}
	return secret.New(v), err
}

func (p *fakeUser) Code(_ context.Context, _ string, again bool) (secret.Text, error) {
	p.again = append(p.again, again)
	v, err := next(&p.codes)
	return secret.New(v), err
}

func (p *fakeUser) Pass(ctx context.Context, again bool) (secret.Text, error) {
	return p.Code(ctx, "", again)
}

func (p *fakeUser) Choose(_ context.Context, _ string, c []Choice) (int, error) {
	p.offered = nil
	for _, choice := range c {
		p.offered = append(p.offered, choice.Label)
	}
	if len(p.picks) == 0 {
		return len(c) - 1, nil
	}
	first := p.picks[0]
	p.picks = p.picks[1:]
	return first, nil
}

func (p *fakeUser) Key(context.Context, byte) (<-chan struct{}, func()) {
	pressed := make(chan struct{})
	if p.impatient {
		close(pressed)
	}
	p.watching++
	return pressed, func() { p.watching-- }
}

func (p *fakeUser) Confirm(context.Context, string) (bool, error) { return p.yes, nil }
func (p *fakeUser) Phone() bool                                   { return !p.away }
func (p *fakeUser) Number(n string)                               { p.shown = append(p.shown, n) }

func (p *fakeUser) Notice(n string) { p.shown = append(p.shown, n) }

func drive(t *testing.T, p *script, who *fakeUser, change func(*Driver)) (string, error) {
	t.Helper()
	cloud, _ := CloudByName("global")
	clock := time.Now()
	d := Driver{
		Cloud: cloud, Username: "ada@contoso.example", Ask: who,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Now: func() time.Time { clock = clock.Add(14 * time.Second); return clock },
	}
	if change != nil {
		change(&d)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	got, err := d.Run(ctx, p, "https://login.microsoftonline.com/x/saml2")
	return got.Reveal(), err
}
