package entra

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"
)

// unreachable is a network on which every request fails. It records the addresses.
type unreachable struct{ addresses []*url.URL }

func (u *unreachable) RoundTrip(r *http.Request) (*http.Response, error) {
	u.addresses = append(u.addresses, r.URL)
	return nil, errors.New("down")
}

// Any page, after any click, yields a view or an error, and sends requests only to
// Microsoft's hosts.
func FuzzHTTPPage(f *testing.F) {
	for _, seed := range []string{
		`$Config={"pgid":"ConvergedSignIn","urlPost":"/x","urlGetCredentialType":"/t","sFT":"f"};`,
		`$Config={"pgid":"ConvergedTFA","arrUserProofs":[{"authMethodId":"PhoneAppNotification","isDefault":true}],"urlBeginAuth":"/b"};`,
		`$Config={"pgid":"KmsiInterrupt","urlPost":"//evil.example"};`,
		`$Config={"pgid":"BssoInterrupt","urlPost":"%zz","oPostParams":{"a":1}};`,
		`$Config={"pgid":"Unknown","urlSkipMfaRegistration":"/skip"};`,
		`$Config={"pgid":"ConvergedSignIn","arrSessions":[{"name":"a@b.example","isSignedIn":true}]};`,
		`<form action=/x><input id=userNameInput name=u><input id=passwordInput name=p></form>`,
		`<form name=hiddenform action=https://signin.aws.amazon.com/saml><input type=hidden name=SAMLResponse value=eA==></form>`,
	} {
		f.Add("<script>" + seed + "</script>" + seed)
	}
	start := &url.URL{Scheme: "https", Host: "login.microsoftonline.com", Path: "/common/saml2"}
	f.Fuzz(func(t *testing.T, body string) {
		var network unreachable
		page := NewHTTPPage(Renewal{
			Cloud: clouds[0], Username: "ada@contoso.example", Client: &http.Client{Transport: &network},
			Log: slog.New(slog.DiscardHandler), Now: time.Now,
		}, Session{})
		opened := document{url: start, replies: []Reply{{Status: http.StatusOK}}}
		var err error
		if config, ok := readConfig(body); ok {
			opened.config = config
			page.open(opened)
			err = page.answer(t.Context())
		} else {
			page.open(opened)
			err = page.openForm(body)
		}
		if err != nil {
			return
		}
		for range 3 { // a view may advance to another one automatically
			if _, err := page.Snapshot(t.Context()); err != nil {
				break
			}
			for selector := range page.view.clicks {
				_, _ = page.Click(t.Context(), selector, 0)
			}
		}
		for _, to := range network.addresses {
			if to.Scheme != "https" || !slices.Contains(clouds[0].SessionHosts(nil), to.Hostname()) {
				t.Errorf("a request to %s", to)
			}
		}
	})
}
