package entra

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// An ordinary sign-in: user name, password, code, stay signed in.
func TestOrdinarySignIn(t *testing.T) {
	p := newScript(saved["username"], saved["password"], saved["mfa-code"], saved["keep-signed-in"])
	got, err := drive(t, p, &fakeUser{passwords: []string{"p w"}, codes: []string{"123456"}}, nil)
	if err != nil || got != "assertion" {
		t.Fatalf("got %q, %v", got, err)
	}
	typed := []string{"#i0116=ada@contoso.example", "#i0118=p w", "#idTxtBx_SAOTCC_OTC=123456"}
	if !slices.Equal(p.typed, typed) {
		t.Errorf("typed %q", p.typed)
	}
	if p.clicked[len(p.clicked)-1] != "#idBtn_Back" {
		t.Errorf("stay signed in answered by %s, want no", p.clicked[len(p.clicked)-1])
	}
}

// An input that is replaced while it is filled in causes no second prompt.
func TestReplacedPagePromptsOnce(t *testing.T) {
	for _, c := range []struct{ moved, slips int }{{1, 0}, {0, 1}, {1, 1}} {
		p := newScript(saved["password"], saved["keep-signed-in"])
		p.moved, p.slips = c.moved, c.slips
		who := &fakeUser{passwords: []string{"only one"}}
		if _, err := drive(t, p, who, nil); err != nil || len(who.asked) != 1 ||
			p.typed[len(p.typed)-1] != "#i0118=only one" {
			t.Fatalf("asked %d times, typed %q, %v", len(who.asked), p.typed, err)
		}
	}
}

// A password counts as rejected only after it was typed, not because the first page shows
// an error. An interrupted prompt is not a rejection.
func TestPasswordNotRejected(t *testing.T) {
	page := saved["password"]
	page.ErrorCode = "50126"
	told := func(d *Driver) { d.PasswordRejected = func(context.Context) { t.Error("told that it was wrong") } }
	if _, err := drive(t, newScript(page, saved["keep-signed-in"]), &fakeUser{passwords: []string{"x"}}, told); err != nil {
		t.Error(err)
	}
	broken := errors.New("the terminal went away")
	if _, err := drive(t, newScript(saved["password"], saved["password"]), &fakeUser{passwords: []string{"x"}, last: broken}, told); !errors.Is(
		err, broken,
	) {
		t.Errorf("broken off: %v", err)
	}
}

// A password is rejected only if the page says so. After any other error it is not tried
// again either, and the error is returned.
func TestWrongPassword(t *testing.T) {
	again := func(code, text string) Snapshot {
		page := saved["password"]
		page.ErrorCode, page.ErrorText = code, text
		return page
	}
	form := saved["federated-form"]
	refusal := form
	refusal.ErrorText = "Falsche Benutzer-ID oder falsches Kennwort."
	for name, c := range map[string]struct {
		first, second Snapshot
		wrong         bool
		text          string
	}{
		"wrong":             {saved["password"], again("50126", ""), true, "AADSTS50126"},
		"wrong, too":        {saved["password"], again("50193", ""), true, "AADSTS50193"},
		"of an unknown one": {saved["password"], again("50034", ""), false, "AADSTS50034"},
		"without a code":    {saved["password"], again("", ""), false, "without giving a reason"},
		"with a text alone": {saved["password"], again("", "Geben Sie Ihr Kennwort ein."), false, "without giving a reason"},
		"locked":            {saved["password"], again("50053", ""), false, "AADSTS50053"},
		"AD FS":             {form, refusal, true, "rejected the password"},
		"AD FS once more":   {form, form, false, "without giving a reason"},
	} {
		p, told := newScript(c.first, c.second), 0
		_, err := drive(t, p, &fakeUser{passwords: []string{"kept"}}, func(d *Driver) {
			d.LoginHosts = []string{form.Host}
			d.PasswordRejected = func(context.Context) { told++ }
		})
		if (told == 1) != c.wrong || told > 1 || fault.KindOf(err) != fault.Auth ||
			!strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: told %d times, %v", name, told, err)
		}
		typed := 0
		for _, text := range p.typed {
			if strings.HasSuffix(text, "=kept") {
				typed++
			}
		}
		if typed != 1 {
			t.Errorf("%s: typed %q", name, p.typed)
		}
	}
}

// Errors of failed sign-ins.
func TestEndings(t *testing.T) {
	denied := saved["mfa-denied"]
	evil := saved["password"]
	evil.Host = "login.microsoftonline.com.evil.example"
	wrong := saved["password"]
	wrong.ErrorCode = "50126"
	unknown := Snapshot{PageID: "ConvergedSomethingNew", View: "9"}
	for name, c := range map[string]struct {
		pages []Snapshot
		who   fakeUser
		kind  fault.Kind
		text  string
	}{
		"denied":           {[]Snapshot{denied}, fakeUser{}, fault.Auth, "denied"},
		"evil host":        {[]Snapshot{evil}, fakeUser{passwords: []string{"x"}}, fault.Auth, "evil.example"},
		"error page":       {[]Snapshot{saved["error"]}, fakeUser{}, fault.Auth, "AADSTS50105"},
		"unknown page":     {[]Snapshot{unknown}, fakeUser{}, fault.Page, "ConvergedSomethingNew"},
		"no prompts":       {[]Snapshot{saved["password"]}, fakeUser{}, fault.NeedsInput, "prompts are not possible"},
		"one wrong answer": {[]Snapshot{saved["password"], wrong}, fakeUser{passwords: []string{"a"}}, fault.Auth, "50126"},
		"three wrong": {
			[]Snapshot{saved["password"], wrong, wrong, wrong},
			fakeUser{passwords: []string{"a", "b", "c", "d"}},
			fault.Auth, "too often",
		},
		"network": {[]Snapshot{saved["network-error"]}, fakeUser{}, fault.Network, "ERR_PROXY"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newScript(c.pages...)
			got, err := drive(t, p, &c.who, nil)
			if got != "" || fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %q, kind %v, %v", got, fault.KindOf(err), err)
			}
			if name == "evil host" && len(p.typed) > 0 {
				t.Errorf("typed %q into a foreign page", p.typed)
			}
		})
	}
}

// A click without effect is repeated a few times; one that caused a request is never
// repeated. In both cases, a page that does not advance ends the sign-in after a limit.
func TestClicksRepeatedOnlyWithoutEffect(t *testing.T) {
	for _, c := range []struct {
		name string
		sent bool
		want int
	}{{"no effect", false, 1 + maxRepeats}, {"request sent", true, 1}} {
		t.Run(c.name, func(t *testing.T) {
			p := still(saved["keep-signed-in"])
			then := p.then
			p.then = func(looks int, s Snapshot) Snapshot {
				if c.sent {
					s.Requests = len(p.clicked)
				}
				return then(looks, s)
			}
			took, err := timed(t, p, &fakeUser{}, "")
			if fault.KindOf(err) != fault.Page || len(p.clicked) != c.want || took > quickLimit+2*time.Second {
				t.Errorf("clicked %d times, want %d; after %s: %v", len(p.clicked), c.want, took, err)
			}
		})
	}
}

// The number always has two digits.
func TestNumberIsPadded(t *testing.T) {
	who := &fakeUser{}
	p := newScript(saved["mfa-push"])
	if _, err := drive(t, p, who, nil); err == nil || !slices.Equal(who.shown, []string{"07"}) {
		t.Errorf("shown %q, %v", who.shown, err)
	}
}

// A crash of the browser is not reported as an interruption by the user.
func TestBrowserGone(t *testing.T) {
	p := newScript(saved["mfa-push"])
	close(p.gone)
	_, err := drive(t, p, &fakeUser{}, nil)
	if fault.KindOf(err) != fault.Browser || errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// slowView is a page that shows the previous view for a while after the response to a
// background request.
type slowView struct {
	*script
	looks int
	then  func(looks int, s Snapshot) Snapshot
}

func (p *slowView) Snapshot(ctx context.Context) (Snapshot, error) {
	s, err := p.script.Snapshot(ctx)
	p.looks++
	return p.then(p.looks, s), err
}

// A response alone does not cause a repeated action, because a second click on a method
// would notify the phone again. A persistent rejection does.
func TestRepeatsOnlyAfterRejection(t *testing.T) {
	for name, refuses := range map[string]bool{"still there": false, "refused": true} {
		t.Run(name, func(t *testing.T) {
			p := &slowView{script: newScript(saved["mfa-choose"])}
			p.stayPut = true
			p.pages[0].Choices = []Choice{{Kind: "method", Value: "PhoneAppNotification", Select: "tile"}}
			p.then = func(looks int, s Snapshot) Snapshot {
				s.Answers = min(looks/2, 1)
				s.Requests = s.Answers
				if refuses && s.Answers > 0 {
					s.IDs = append(slices.Clone(s.IDs), "idDiv_SAOTCS_Error_OTC")
				}
				if len(p.clicked) == 2 || looks == 12 {
					select {
					case p.assert <- secret.New("assertion"):
					default:
					}
				}
				p.tellChanged()
				return s
			}
			clock := time.Now()
			cloud, _ := CloudByName("global")
			d := Driver{
				Cloud: cloud, Ask: &fakeUser{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
				Now: func() time.Time { clock = clock.Add(300 * time.Millisecond); return clock },
			}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			if _, err := d.Run(ctx, p, "https://login.microsoftonline.com/x/saml2"); err != nil {
				t.Fatal(err)
			}
			if want := map[bool]int{false: 1, true: 2}[refuses]; len(p.clicked) != want {
				t.Errorf("clicked %d times, want %d", len(p.clicked), want)
			}
		})
	}
}
