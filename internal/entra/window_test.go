package entra

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// watched is a page that ends its sign-in at a snapshot.
type watched struct {
	*script
	looks int
	at    func(looks int)
}

func (p *watched) Snapshot(ctx context.Context) (Snapshot, error) {
	p.looks++
	p.at(p.looks)
	p.tellChanged()
	return p.script.Snapshot(ctx)
}

// In a visible window, the user acts: the driver does not prompt, type or click. It
// returns the captured response, or an error if the user does not continue.
func TestVisibleWindow(t *testing.T) {
	for name, c := range map[string]struct {
		at   func(p *watched, looks int)
		kind fault.Kind // 0 is success
		text string
	}{
		"finished": {func(p *watched, looks int) {
			if looks == 3 {
				p.assert <- secret.New("assertion")
			}
		}, 0, ""},
		"closed": {func(p *watched, looks int) {
			if looks == 3 {
				close(p.gone)
			}
		}, fault.Auth, "was closed"},
		"left alone": {func(*watched, int) {}, fault.Auth, "was not finished in time"},
	} {
		for _, state := range []string{"username", "password", "mfa-code", "keep-signed-in", "error"} {
			p := &watched{script: newScript(saved[state])}
			p.at = func(looks int) { c.at(p, looks) }
			who := &fakeUser{passwords: []string{"x"}, codes: []string{"123456"}}
			clock, cloud := time.Now(), clouds[0]
			began := clock
			d := Driver{
				Cloud: cloud, Watch: true, Method: "totp", Ask: who, Log: slog.New(slog.DiscardHandler),
				Now: func() time.Time { clock = clock.Add(20 * time.Second); return clock },
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			got, err := d.Run(ctx, p, "https://login.microsoftonline.com/x/saml2")
			cancel()
			if c.kind == 0 && (err != nil || got.Reveal() != "assertion") ||
				c.kind != 0 && (fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.text)) {
				t.Errorf("%s, %s: %v", name, state, err)
			}
			if len(p.typed)+len(p.clicked)+len(who.asked)+len(who.again)+len(p.prepared) > 0 {
				t.Errorf(
					"%s, %s: typed %q, clicked %q, asked %d times, prepared %q", name, state, p.typed, p.clicked,
					len(who.asked)+len(who.again), p.prepared,
				)
			}
			if name == "left alone" && clock.Sub(began) < userLimit {
				t.Errorf("%s: after %s", state, clock.Sub(began))
			}
		}
	}
}

// Every page, including the last one, is recorded in order and without personal data.
func TestVisitsAreRecorded(t *testing.T) {
	var states []string
	password := saved["password"]
	password.Account = "ada@contoso.example"
	p := newScript(saved["username"], password, saved["mfa-code"], saved["keep-signed-in"])
	who := &fakeUser{passwords: []string{"p w"}, codes: []string{"123456"}}
	if _, err := drive(t, p, who, func(d *Driver) {
		d.Remember = true
		d.Record = func(v Visit) {
			if v.Page.Account != "" || v.Spent <= 0 || !v.Page.Ready {
				t.Errorf("recorded %+v", v)
			}
			states = append(states, v.State)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(states, []string{"username", "password", "mfa-code", "keep-signed-in"}) {
		t.Errorf("recorded %q", states)
	}
	if !slices.Equal(who.asked, []string{"ada@contoso.example"}) || p.clicked[len(p.clicked)-1] != submitSelector {
		t.Errorf(
			"asked for the password of %q; stay signed in answered by %s, want yes", who.asked,
			p.clicked[len(p.clicked)-1],
		)
	}
}
