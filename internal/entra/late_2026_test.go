package entra

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
)

// Pages and hosts that Microsoft added or changed in 2026.

func TestRecentViews(t *testing.T) {
	changed := func(name string, change func(*Snapshot)) Snapshot {
		s := saved[name]
		s.IDs = slices.Clone(s.IDs)
		s.Ready, s.Host = true, "login.microsoftonline.com"
		change(&s)
		return s
	}
	for _, c := range []struct {
		name, want string
		page       Snapshot
	}{
		{"phone confirmed by its number", "mfa-confirm-phone", changed("mfa-confirm-phone", func(s *Snapshot) {
			s.IDs = []string{"idTxtBx_SAOTCS_PhoneNumber"}
		})},
		{"landing view", "nudge", changed("username", func(s *Snapshot) {
			s.View, s.IDs = "33", []string{submitID, "link:landing"}
		})},
		{"unknown page that can be skipped", "nudge", changed("nudge", func(s *Snapshot) {
			s.PageID, s.IDs, s.Skip = "ConvergedNew", nil, "https://login.microsoftonline.com/skip"
		})},
		{"call by title alone", "mfa-call", changed("mfa-call", func(s *Snapshot) {
			s.IDs, s.Begun = []string{"idDiv_SAOTCC_Title"}, Begun{Method: "TwoWayVoiceMobile"}
		})},
		{"more information that can be skipped", "nudge", changed("username", func(s *Snapshot) {
			s.View, s.IDs = "59", []string{submitID, "link:skip"}
		})},
		{"more information", "own-answer", changed("username", func(s *Snapshot) {
			s.View, s.IDs = "59", []string{submitID}
		})},
		{"another device", "own-answer", changed("username", func(s *Snapshot) { s.View, s.IDs = "52", nil })},
		{"PIN of another device", "own-answer", changed("username", func(s *Snapshot) { s.View, s.IDs = "75", nil })},
		{"recovery code", "own-answer", changed("one-time-code", func(s *Snapshot) { s.View = "77" })},
		{"proof without an input", "own-answer", changed("username", func(s *Snapshot) { s.View, s.IDs = "44", nil })},
		{"proof to confirm", "mfa-confirm-phone", changed("username", func(s *Snapshot) {
			s.View, s.IDs = "44", []string{"name:ProofConfirmation", submitID}
		})},
		{"speed bump with a different ID", "confirm-app", changed("confirm-app", func(s *Snapshot) {
			s.PageID, s.ErrorCode, s.IDs = "CsrfSpeedbumpInterrupt", "399218", []string{submitID}
		})},
		{"password after a certificate failed", "password", changed("password", func(s *Snapshot) {
			s.ErrorCode = "500178"
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := matches(c.page); !slices.Equal(got, []string{c.want}) {
				t.Errorf("got %q, want %s", got, c.want)
			}
		})
	}
}

// The setting that allows a host to receive the password is suggested only if the page
// looks like the company's own sign-in form.
func TestForeignHosts(t *testing.T) {
	page := func(host string, ids ...string) Snapshot { return Snapshot{Host: host, IDs: ids} }
	for _, c := range []struct {
		name   string
		pages  []Snapshot
		text   string // in the error or its hints
		allows bool   // suggests o365aws_login_hosts
		mfa    bool   // reached from the MFA page
	}{
		{"company form", []Snapshot{page("sso.contoso.example", "type:password")}, "sso.contoso.example", true, false},
		{"after the announcement", []Snapshot{saved["redirecting"], page("sso.contoso.example")}, "login_hosts", true, false},
		{"some page", []Snapshot{page("portal.example")}, "--browser visible", false, false},
		{"external method", []Snapshot{page("api-1.duosecurity.com", "type:password")}, "external method", false, true},
		{"look-alike", []Snapshot{page("login.microsoftonline.com.evil.example", "type:password")}, "imitates", false, false},
		{"certificate look-alike", []Snapshot{page("certauth.login.microsoftonline.com.evil.example")}, "imitates", false, false},
		{"password reset", []Snapshot{page("passwordreset.microsoftonline.com", "type:password")}, "aka.ms/sspr", false, false},
		{"terms of use", []Snapshot{page("tokenprovider.termsofuse.identitygovernance.azure.com")}, "terms of use", false, false},
		{"AWS", []Snapshot{page("signin.aws.amazon.com")}, "without an assertion", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newScript(c.pages...)
			cloud, _ := CloudByName("global")
			s := &signIn{Driver: Driver{Cloud: cloud}, page: p}
			if c.mfa {
				s.document.named = saved["mfa-choose"]
			}
			s.visits.redirected = len(c.pages) > 1
			last := c.pages[len(c.pages)-1]
			err := s.foreign(last.Host, "why", last)
			var f *fault.Error
			if !errors.As(err, &f) {
				t.Fatalf("no fault: %v", err)
			}
			text := err.Error() + " " + strings.Join(f.Hints, " ")
			if fault.KindOf(err) != fault.Auth || !strings.Contains(text, c.text) ||
				strings.Contains(text, "o365aws_login_hosts =") != c.allows {
				t.Errorf("got %s", text)
			}
		})
	}
	for host, want := range map[string]bool{
		"certauth.login.microsoftonline.com": true, "t3f2b.certauth.login.microsoftonline.com": true,
		"evilcertauth.login.microsoftonline.com": false, "certauth.login.microsoftonline.com.evil.example": false,
		"login.microsoft.com": true, "passwordreset.microsoftonline.com": false,
	} {
		if got := clouds[0].passes(host); got != want {
			t.Errorf("passes(%s) = %v, want %v", host, got, want)
		}
	}
}

// An unknown name is not typed again: the page would not look it up again, and the
// sign-in would wait until its time limit.
func TestSameUnknownName(t *testing.T) {
	unknown := saved["username"]
	unknown.IDs = append(slices.Clone(unknown.IDs), "usernameError")
	unknown.Requests = 1
	p := still(unknown)
	who := &fakeUser{names: []string{"ADA@contoso.example", "ada@contoso.example ", "ada@contoso.example", "never"}}
	took, err := timed(t, p, who, "")
	if fault.KindOf(err) != fault.Auth || len(p.typed) > 0 || len(who.names) != 1 || took > effectLimit {
		t.Errorf("after %s: typed %q, %d names left, %v", took, p.typed, len(who.names), err)
	}
}

// An unknown method may belong to another provider: it is not selected unless
// the profile or the user names it.
func TestUnknownMethodAlone(t *testing.T) {
	list := saved["mfa-choose"]
	list.Choices = []Choice{{Kind: "method", Value: "NewMethod", Select: "new"}}
	p := newScript(list)
	if _, err := drive(t, p, &fakeUser{}, nil); fault.KindOf(err) != fault.Auth || len(p.clicked) > 0 {
		t.Errorf("clicked %q, %v", p.clicked, err)
	}
	p = newScript(list, saved["keep-signed-in"])
	if _, err := drive(t, p, &fakeUser{}, func(d *Driver) { d.Method = "NewMethod" }); err != nil || p.clicked[0] != "new" {
		t.Errorf("named by the profile: clicked %q, %v", p.clicked, err)
	}
}

// The checkbox "Don't ask again" is selected if the profile stays signed in.
func TestRememberMFA(t *testing.T) {
	page := saved["mfa-code"]
	page.IDs = append(slices.Clone(page.IDs), "idChkBx_SAOTCC_TD")
	for _, remember := range []bool{true, false} {
		p := newScript(page, page, saved["keep-signed-in"])
		_, err := drive(t, p, &fakeUser{codes: []string{"1", "2", "3"}}, func(d *Driver) { d.Remember = remember })
		ticked := slices.Contains(p.clicked, "#idChkBx_SAOTCC_TD:not(:checked)")
		if err != nil || ticked != remember {
			t.Errorf("remember %v: clicked %q, %v", remember, p.clicked, err)
		}
	}
}
