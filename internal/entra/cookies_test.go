package entra

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

// A cookie is sent to its own host and, if it has a leading dot, to subdomains (RFC 6265
// section 5.1.3).
func TestCookieGoesTo(t *testing.T) {
	for _, c := range []struct {
		domain, host string
		want         bool
	}{
		{"login.example", "login.example", true},
		{"Login.Example", "login.example", true},
		{"login.example", "LOGIN.example", true},
		{"login.example", "login.example:443", true},
		{"login.example", "a.login.example", false},
		{"login.example", "xlogin.example", false},
		{"login.example", "login.example.evil.example", false},
		{"login.example", "example", false},
		{".login.example", "login.example", true},
		{".login.example", "a.login.example", true},
		{".login.example", "xlogin.example", false},
		{".login.example", "login.example.evil.example", false},
		{".login.example", "ogin.example", false},
	} {
		if got := (Cookie{Domain: c.domain}).goesTo(c.host); got != c.want {
			t.Errorf("of %s to %s: %v", c.domain, c.host, got)
		}
	}
}

// RFC 6265 section 5.1.4.
func TestPathMatches(t *testing.T) {
	for _, c := range []struct {
		path, of string
		want     bool
	}{
		{"", "/", true},
		{"/", "/", true},
		{"/a", "/", true},
		{"/a", "/a", true},
		{"/a/b", "/a", true},
		{"/a/b", "/a/", true},
		{"/ab", "/a", false},
		{"/", "/a", false},
		{"/b/a", "/a", false},
		{"/a", "/a/", false},
		{"", "/a", false},
	} {
		if got := pathMatches(c.path, c.of); got != c.want {
			t.Errorf("%q of %q: %v", c.path, c.of, got)
		}
	}
}

func renewingAt(now time.Time, cookies ...Cookie) *renewing {
	return &renewing{
		Renewal: Renewal{Now: func() time.Time { return now }},
		session: Session{Fingerprint: Fingerprint{UserAgent: "the browser"}, Cookies: cookies},
	}
}

func cookie(name, domain, path string, expires time.Time) Cookie {
	return Cookie{Name: name, Value: secret.New("v-" + name), Domain: domain, Path: path, Expires: expires}
}

// A request has the unexpired cookies for its host and path, and the user agent of the
// browser.
func TestRequestsCarryTheirCookies(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const host = "login.microsoftonline.com"
	s := renewingAt(
		now,
		cookie("own", host, "/", time.Time{}),
		cookie("all", ".microsoftonline.com", "/", now.Add(time.Second)),
		cookie("old", host, "/", now),
		cookie("other", "fs.contoso.example", "/", time.Time{}),
		cookie("below", host, "/kmsi", time.Time{}),
	)
	for address, want := range map[string]string{
		"https://" + host + "/x":               "own=v-own; all=v-all",
		"https://" + host + "/kmsi":            "own=v-own; all=v-all; below=v-below",
		"https://device." + host + "/":         "all=v-all",
		"https://fs.contoso.example/adfs":      "other=v-other",
		"https://" + host + ".evil.example/":   "",
		"https://evilmicrosoftonline.com/kmsi": "",
	} {
		r, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		from := &url.URL{Scheme: "https", Host: "from.example", Path: "/secret", RawQuery: "a=b"}
		s.dress(r, step{from: from, form: url.Values{"a": {"b"}}})
		if got := r.Header.Get("Cookie"); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
		if h := r.Header; h.Get("User-Agent") != "the browser" || h.Get("Origin") != "https://from.example" ||
			h.Get("Referer") != "https://from.example/" ||
			h.Get("Content-Type") != "application/x-www-form-urlencoded" {
			t.Errorf("%s: headers %v", address, h)
		}
	}
	r, err := http.NewRequest(http.MethodGet, "https://fs.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.dress(r, step{}); r.Header.Get(
		"Origin",
	)+r.Header.Get(
		"Referer",
	)+r.Header.Get(
		"Cookie",
	)+r.Header.Get(
		"Content-Type",
	) != "" {
		t.Errorf("headers of a first request: %v", r.Header)
	}
}

// A host can set cookies only for its own domain. They replace older ones. Only the
// newest of the cookies that bind a page to the browser remains.
func TestCookiesOfAnswers(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const host = "login.microsoftonline.com"
	for set, want := range map[string]string{
		"n=1":                                                    "n=1 login.microsoftonline.com /",
		"n=1; Path=/a; HttpOnly; SameSite=None":                  "n=1 login.microsoftonline.com /a only None",
		"n=1; Path=a; SameSite=Lax":                              "n=1 login.microsoftonline.com / Lax",
		"n=1; SameSite=Strict":                                   "n=1 login.microsoftonline.com / Strict",
		"n=1; Domain=login.microsoftonline.com":                  "n=1 .login.microsoftonline.com /",
		"n=1; Domain=.MicrosoftOnline.com":                       "n=1 .microsoftonline.com /",
		"n=1; Domain=com":                                        "",
		"n=1; Domain=evil.example":                               "",
		"n=1; Domain=evil.login.microsoftonline.com":             "",
		"n=1; Domain=n.microsoftonline.com":                      "",
		"n=1; Max-Age=60":                                        "n=1 login.microsoftonline.com / 12:01:00",
		"n=1; Max-Age=60; Expires=Sun, 01 Mar 2026 13:00:00 GMT": "n=1 login.microsoftonline.com / 12:01:00",
		"n=1; Expires=Sun, 01 Mar 2026 13:00:00 GMT":             "n=1 login.microsoftonline.com / 13:00:00",
		"n=1; Expires=Sun, 01 Mar 2026 12:00:00 GMT":             "",
		"n=1; Max-Age=-1":                                        "",
		"old=2":                                                  "old=2 login.microsoftonline.com /",
		"old=; Max-Age=0":                                        "gone",
		"old=2; Domain=login.microsoftonline.com":                "old=2 .login.microsoftonline.com /",
		"old=2; Path=/a":                                         "old=1 login.microsoftonline.com / | old=2 login.microsoftonline.com /a",
		"esctx-b=2":                                              "esctx-b=2 login.microsoftonline.com /",
	} {
		s := renewingAt(now)
		if strings.HasPrefix(set, "old") {
			s.session.Cookies = []Cookie{{Name: "old", Value: secret.New("1"), Domain: host, Path: "/"}}
		}
		if strings.HasPrefix(set, "esctx") {
			s.session.Cookies = []Cookie{{Name: "esctx-a", Value: secret.New("1"), Domain: "." + host, Path: "/"}}
		}
		s.merge(
			&url.URL{Scheme: "https", Host: "LOGIN.microsoftonline.com:443"},
			&http.Response{Header: http.Header{"Set-Cookie": {set}}},
		)
		var got []string
		for _, c := range s.session.Cookies {
			text := fmt.Sprintf("%s=%s %s %s", c.Name, c.Value.Reveal(), c.Domain, c.Path)
			if c.HTTPOnly {
				text += " only"
			}
			if c.SameSite != "" {
				text += " " + c.SameSite
			}
			if !c.Expires.IsZero() {
				text += c.Expires.Format(" 15:04:05")
			}
			got = append(got, text)
		}
		if have := strings.Join(got, " | "); have != want && (want != "gone" || have != "") {
			t.Errorf("%s: %q, want %q", set, have, want)
		}
	}
}

// A session contains the cookies for the hosts of a sign-in, is unchanged after encoding
// and decoding, and is never quoted in an error.
func TestSessionOfHosts(t *testing.T) {
	whole := Session{Fingerprint: Fingerprint{UserAgent: "the browser"}, Cookies: []Cookie{
		{
			Name: "ESTSAUTH", Value: secret.New("a"), Domain: ".login.microsoftonline.com", Path: "/",
			HTTPOnly: true, SameSite: "None", Expires: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		},
		{Name: "x", Value: secret.New("b"), Domain: "fs.contoso.example", Path: "/adfs"},
		{Name: "y", Value: secret.New("c"), Domain: "tracker.example", Path: "/"},
	}}
	stored := whole.Of([]string{"login.microsoftonline.com", "fs.contoso.example"})
	if stored.UserAgent != whole.UserAgent || !reflect.DeepEqual(stored.Cookies, whole.Cookies[:2]) {
		t.Errorf("of two hosts: %+v", stored)
	}
	text, err := stored.Seal()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenSession(text); err != nil || !reflect.DeepEqual(got, stored) {
		t.Errorf("%+v became %+v, %v", stored, got, err)
	}
	if got, err := OpenSession(secret.New(`{"cookies":"CANARY"`)); err == nil ||
		strings.Contains(err.Error(), "CANARY") ||
		!reflect.DeepEqual(got, Session{}) {
		t.Errorf("%+v %v", got, err)
	}
	for name, want := range map[string]bool{"ESTSAUTH": true, "ESTSAUTHPERSISTENT": true, "ESTSAUTHLIGHT": false, "x": false} {
		if got := (Session{Cookies: []Cookie{{Name: name, Value: secret.New("a")}}}).SignedIn(); got != want {
			t.Errorf("by %s: %v", name, got)
		}
		if (Session{Cookies: []Cookie{{Name: name}}}).SignedIn() {
			t.Errorf("by an empty %s", name)
		}
	}
	if global, _ := CloudByName("global"); !slices.Equal(
		global.SessionHosts([]string{"fs.example"}),
		append(append(slices.Clone(global.SecretHosts), global.PassHosts...), "fs.example"),
	) {
		t.Error("hosts of a session")
	}
}
