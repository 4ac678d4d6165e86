package entra

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

// unreliable is a page whose views attach event handlers late, lose clicks and wait for a
// slow server. It records the requests that are sent.
type unreliable struct {
	*script
	random  *rand.Rand
	clock   func() time.Time
	sent    []int // requests by view
	shown   time.Time
	bound   time.Time // when the handlers of the view are attached
	replied time.Time // when the server responds; zero without a request
	losses  int       // number of clicks that this view may still lose
	filled  bool      // its handlers received the input
}

func (p *unreliable) show() {
	p.shown = p.clock()
	p.bound = p.shown.Add(time.Duration(p.random.IntN(int(effectLimit))))
	p.losses, p.replied, p.filled = p.random.IntN(2), time.Time{}, false
}

func (p *unreliable) Snapshot(context.Context) (Snapshot, error) {
	defer p.tellChanged()
	if p.shown.IsZero() {
		p.show()
	}
	if now := p.clock(); !p.replied.IsZero() && !now.Before(p.replied) {
		if p.at == len(p.pages)-1 {
			select {
			case p.assert <- secret.New("assertion"):
			default:
			}
		} else {
			p.at++
			p.show()
		}
	}
	snap := p.pages[p.at]
	snap.Requests = p.sent[p.at]
	if !p.replied.IsZero() {
		snap.Awaits = snap.Host
	}
	return snap, nil
}

func (p *unreliable) Fill(ctx context.Context, selector string, text secret.Text, hosts []string) (bool, error) {
	p.filled = !p.clock().Before(p.bound)
	return p.script.Fill(ctx, selector, text, hosts)
}

func (p *unreliable) Click(context.Context, string, int) (bool, error) {
	switch {
	case p.clock().Before(p.bound):
	case p.losses > 0:
		p.losses--
	case (p.pages[p.at].View == "1" || p.pages[p.at].View == "2") && !p.filled: // the view model is empty
	default:
		p.sent[p.at]++
		p.replied = p.clock().Add(time.Duration(p.random.IntN(int(12 * time.Second))))
	}
	return true, nil
}

// With late handlers, lost clicks and slow responses, every sign-in succeeds and no
// request is sent twice.
func TestUnreliablePages(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			now := time.Unix(1_700_000_000, 0)
			p := &unreliable{
				script: newScript(
					saved["username"], saved["pick-credential"], saved["password"], saved["keep-signed-in"], saved["confirm-app"],
				),
				random: rand.New(rand.NewPCG(seed, 1)), clock: func() time.Time { return now }, sent: make([]int, 5),
			}
			p.pages[1].Choices = []Choice{{Kind: "credential", Value: "1", Select: "password"}}
			cloud, _ := CloudByName("global")
			d := Driver{
				Cloud: cloud, Username: "ada@contoso.example", Ask: &fakeUser{passwords: []string{"x"}},
				Log: slog.New(slog.DiscardHandler),
				Now: func() time.Time { now = now.Add(pollInterval); return now },
			}
			if _, err := d.Run(t.Context(), p, "https://login.microsoftonline.com/x/saml2"); err != nil {
				t.Fatalf("%v; sent %v", err, p.sent)
			}
			for i, n := range p.sent {
				if n != 1 {
					t.Errorf("view %d sent %d requests, want 1", i, n)
				}
			}
		})
	}
}

// slowHandler is a page with a click handler that awaits a script. Each click
// that waits for it sends a request then.
type slowHandler struct {
	*script
	clock   func() time.Time
	arrives time.Time // when the script does
	clicks  int
}

func (p *slowHandler) Snapshot(context.Context) (Snapshot, error) {
	defer p.tellChanged()
	snap := p.pages[0]
	if p.clock().Before(p.arrives) {
		snap.Awaits = "aadcdn.msauth.net"
		return snap, nil
	}
	if snap.Requests = p.clicks; p.clicks > 0 && len(p.assert) == 0 {
		p.assert <- secret.New("assertion")
	}
	return snap, nil
}

func (p *slowHandler) Click(context.Context, string, int) (bool, error) {
	p.clicks++
	return true, nil
}

// A click is not repeated while the page awaits a reply. The wait is bounded, and
// the error names the host that did not answer.
func TestSlowHandlers(t *testing.T) {
	for _, c := range []struct {
		name    string
		arrives time.Duration
		text    string // of the error, "" for none
	}{
		{"in time", 25 * time.Second, ""},
		{"late", 33 * time.Second, "aadcdn.msauth.net did not answer within 30s"},
		{"never", 24 * time.Hour, "aadcdn.msauth.net did not answer within 30s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := time.Unix(1_700_000_000, 0)
			p := &slowHandler{
				script: newScript(saved["confirm-app"]), clock: func() time.Time { return now }, arrives: now.Add(c.arrives),
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			deadline := now.Add(stuckLimit + 5*time.Second)
			cloud, _ := CloudByName("global")
			d := Driver{
				Cloud: cloud, Ask: &fakeUser{}, Log: slog.New(slog.DiscardHandler),
				Now: func() time.Time {
					if now = now.Add(pollInterval); now.After(deadline) {
						cancel()
					}
					return now
				},
			}
			_, err := d.Run(ctx, p, "https://login.microsoftonline.com/x/saml2")
			if (err != nil) != (c.text != "") || err != nil && !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want %q", err, c.text)
			}
			if p.clicks != 1 {
				t.Errorf("got %d clicks, want 1", p.clicks)
			}
		})
	}
}
