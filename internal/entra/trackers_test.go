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

// timed runs a sign-in with a clock that advances with each snapshot, and returns its
// duration on that clock. It fails after an hour.
func timed(t *testing.T, p Page, who *fakeUser, totpSecret string) (time.Duration, error) {
	t.Helper()
	cloud, _ := CloudByName("global")
	begun := time.Unix(1_700_000_010, 0)
	clock := begun
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d := Driver{
		Cloud: cloud, Username: "ada@contoso.example", Ask: who, Log: slog.New(slog.DiscardHandler), TOTPSecret: secret.New(totpSecret),
		Now: func() time.Time {
			if clock = clock.Add(pollInterval); clock.Sub(begun) > time.Hour {
				cancel()
			}
			return clock
		},
	}
	_, err := d.Run(ctx, p, "https://login.microsoftonline.com/x/saml2")
	return clock.Sub(begun), err
}

// still is a page that reports a change after each snapshot, so that tests do not wait.
func still(pages ...Snapshot) *slowView {
	p := &slowView{script: newScript(pages...)}
	p.stayPut = true
	p.then = func(_ int, s Snapshot) Snapshot { p.tellChanged(); return s }
	return p
}

// A non-interactive sign-in fails within ten seconds on a page without pending requests;
// a page that waits for a response, or shows its alternatives late, has more time. A
// server that does not respond is a network error.
func TestTimeLimits(t *testing.T) {
	busy := func(s Snapshot) Snapshot { s.Ready = false; return s }
	waits := func(s Snapshot) Snapshot { s.Awaits = "login.microsoftonline.com"; return s }
	lacks := func(s Snapshot) Snapshot { s.Ready, s.Missing = false, "aadcdn.msauth.net"; return s }
	fails := func(s Snapshot) Snapshot { s.PageID, s.Status = "", 503; return s }
	empty := func(s Snapshot) Snapshot { return Snapshot{Awaits: s.Awaits} } // before the first document
	unknown := Snapshot{PageID: "ConvergedSomethingNew", View: "9"}
	answers := 0
	refuses := func(s Snapshot) Snapshot {
		answers++
		s.Failed, s.Answers, s.Requests = true, answers, answers
		return s
	}
	objects := func(s Snapshot) Snapshot {
		answers++
		s.IDs, s.Begun = append(slices.Clone(s.IDs), "usernameError"), Begun{Result: "1000"}
		s.Answers, s.Requests = answers, answers
		return s
	}
	for name, c := range map[string]struct {
		page        Snapshot
		change      func(Snapshot) Snapshot
		away        bool
		least, most time.Duration
		kind        fault.Kind
		text        string
	}{
		"busy, alone":         {Snapshot{PageID: pageSignIn}, busy, true, unattendedLimit, 10 * time.Second, fault.Page, "did not advance"},
		"busy":                {Snapshot{PageID: pageSignIn}, busy, false, stuckLimit, 35 * time.Second, fault.Page, "did not advance"},
		"unknown, alone":      {unknown, nil, true, unknownLimit, 10 * time.Second, fault.Page, "unknown"},
		"loading, alone":      {Snapshot{PageID: pageSignIn}, nil, true, unattendedLimit, 10 * time.Second, fault.Page, "did not advance"},
		"answered, alone":     {saved["keep-signed-in"], nil, true, unattendedLimit, 10 * time.Second, fault.Page, "did not advance"},
		"unknown, waits":      {unknown, waits, true, stuckLimit, 35 * time.Second, fault.Page, "unknown"},
		"busy, waits":         {Snapshot{PageID: pageSignIn}, func(s Snapshot) Snapshot { return busy(waits(s)) }, true, stuckLimit, 35 * time.Second, fault.Network, "login.microsoftonline.com did not answer"},
		"a script is missing": {Snapshot{PageID: pageSignIn}, lacks, true, unattendedLimit, 10 * time.Second, fault.Network, "aadcdn.msauth.net"},
		"the server is busy":  {unknown, fails, true, unknownLimit, 10 * time.Second, fault.Network, "HTTP status 503"},
		"a request fails":     {saved["username"], refuses, true, 5 * againAfter, 10 * time.Second, fault.Network, "background request of the page failed"},
		"the lookup objects":  {saved["username"], objects, true, 5 * againAfter, 10 * time.Second, fault.Network, "background request of the page failed"},
		"a code, no answer":   {saved["mfa-code"], refuses, false, 3 * againAfter, 10 * time.Second, fault.Network, "background request of the page failed"},
		"no effect, waits":    {saved["username"], waits, true, stuckLimit, 35 * time.Second, fault.Network, "login.microsoftonline.com did not answer"},
		"nothing comes":       {Snapshot{}, empty, true, stuckLimit, 35 * time.Second, fault.Network, "timed out loading"},
		"no first answer":     {Snapshot{}, func(s Snapshot) Snapshot { return empty(waits(s)) }, true, stuckLimit, 35 * time.Second, fault.Network, "login.microsoftonline.com did not answer within 30s: it was the first page"},
		"draws later":         {Snapshot{PageID: pageSignIn, View: viewPasskey}, nil, true, stuckLimit, 35 * time.Second, fault.Page, "did not advance"},
	} {
		t.Run(name, func(t *testing.T) {
			p := still(c.page)
			tell := p.then
			p.then = func(looks int, s Snapshot) Snapshot {
				if s = tell(looks, s); c.change != nil {
					s = c.change(s)
				}
				return s
			}
			took, err := timed(t, p, &fakeUser{away: c.away, codes: []string{"1", "2", "3", "4"}}, "")
			if fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%v", err)
			}
			if took < c.least || took > c.most {
				t.Errorf("ended after %s", took)
			}
		})
	}
}

// The limit applies to each document, because a slow network loads them one after
// another.
func TestLimitPerDocument(t *testing.T) {
	const each = 20 * time.Second // less than either limit
	for name, page := range map[string]Snapshot{"busy": {PageID: pageSignIn}, "loading": {PageID: pageSignIn}, "unknown": {PageID: "New", View: "9", Awaits: "login.microsoftonline.com"}} {
		t.Run(name, func(t *testing.T) {
			p := still(page)
			p.then = func(looks int, s Snapshot) Snapshot {
				s.Document, s.Ready = 1+int64(looks)/int64(each/pollInterval), name != "busy"
				if p.tellChanged(); s.Document == 5 {
					select {
					case p.assert <- secret.New("assertion"):
					default:
					}
				}
				return s
			}
			if took, err := timed(t, p, &fakeUser{}, ""); err != nil {
				t.Errorf("after %s: %v", took, err)
			}
		})
	}
}

// A sign-in that loads documents endlessly, busy or idle, fails with the name of the
// page, even if the last one has only started to load.
func TestEndlessDocuments(t *testing.T) {
	for name, page := range map[string]Snapshot{"busy": {PageID: "BssoInterrupt"}, "handing over": saved["handing-over"], "unknown": {PageID: "New", View: "9"}} {
		t.Run(name, func(t *testing.T) {
			p := still(page)
			p.then = func(looks int, s Snapshot) Snapshot {
				s.Document, s.Ready = int64(looks), name != "busy"
				if looks >= maxIdle {
					s.PageID, s.View, s.Ready = "", "", false
				}
				p.tellChanged()
				return s
			}
			_, err := timed(t, p, &fakeUser{}, "")
			if fault.KindOf(err) != fault.Page || !strings.Contains(err.Error(), "sign-in loops: "+page.where()) ||
				p.looks > maxIdle+2 {
				t.Errorf("after %d looks: %v", p.looks, err)
			}
		})
	}
}

// The time that the user takes to answer does not count, even if the page has changed in
// the meantime.
func TestSlowUser(t *testing.T) {
	p := newScript(saved["password"], saved["keep-signed-in"])
	p.moved = 1
	who := &slowUser{fakeUser: fakeUser{passwords: []string{"x"}}}
	cloud, _ := CloudByName("global")
	d := Driver{
		Cloud: cloud, Username: "ada@contoso.example", Ask: who, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { who.clock = who.clock.Add(time.Second); return who.clock },
	}
	if _, err := d.Run(t.Context(), p, "https://login.microsoftonline.com/x/saml2"); err != nil {
		t.Error(err)
	}
}

// A second MFA page shows its number again, even if it is the same, and prompts for its
// code as the first one did.
func TestSecondMFAPage(t *testing.T) {
	p := still(saved["mfa-push"], saved["mfa-push"], saved["keep-signed-in"])
	p.pages[2].Document = 3
	p.then = func(looks int, _ Snapshot) Snapshot {
		p.at = min(looks/2, 2)
		if p.tellChanged(); looks == 8 {
			p.assert <- secret.New("assertion")
		}
		return p.pages[p.at]
	}
	who := &fakeUser{}
	if _, err := timed(t, p, who, ""); err != nil || !slices.Equal(who.shown, []string{"07", "07"}) {
		t.Errorf("shown %q, %v", who.shown, err)
	}
	codes := &fakeUser{codes: []string{"1", "2"}}
	if _, err := drive(t, newScript(saved["mfa-code"], saved["mfa-code"]), codes, nil); err != nil ||
		slices.Contains(codes.again, true) {
		t.Errorf("again %v, %v", codes.again, err)
	}
}

// A wrong computed code fails immediately; only after a used one is there another try.
func TestWrongTOTPSecretFailsImmediately(t *testing.T) {
	p := &refusing{script: newScript(saved["mfa-code"])}
	p.pages[0].Verdict = "OathCodeIncorrect"
	took, err := timed(t, p, &fakeUser{away: true}, "JBSWY3DPEHPK3PXP")
	if fault.KindOf(err) != fault.Auth || !strings.Contains(err.Error(), "AADSTS500121") || took > 5*time.Second {
		t.Errorf("after %s: %v", took, err)
	}
}

// In some tenants the skip link has no ID; its address is in the settings of the page.
func TestSkipLinkWithoutID(t *testing.T) {
	page := saved["more-information"]
	page.Skip = "https://login.microsoftonline.com/skip?ctx=x"
	p := newScript(page, saved["keep-signed-in"])
	if _, err := drive(t, p, &fakeUser{}, nil); err != nil || !slices.Equal(p.went, []string{page.Skip}) {
		t.Errorf("went to %q, %v", p.went, err)
	}
	if clean := page.Redacted(); strings.Contains(clean.Skip, "ctx") {
		t.Error("the address is shown to others")
	}
}
