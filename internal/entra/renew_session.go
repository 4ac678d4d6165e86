package entra

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

// Session is the state of a browser after a sign-in: with it, the next sign-in needs no
// user. It must be protected like a password.
type Session struct {
	Fingerprint          // of the browser, to which Microsoft binds a session
	Cookies     []Cookie // of Microsoft hosts and the company's own sign-in server
}

// Cookie is a cookie (RFC 6265 section 5.3).
type Cookie struct {
	Name     string
	Value    secret.Text
	Domain   string    // with a leading dot if it includes subdomains
	Path     string    // never empty
	Expires  time.Time // zero: until the browser exits
	HTTPOnly bool
	SameSite string // Strict, Lax, None or empty
}

// sealed is the format of a session in a secret store. Only here are the values of
// cookies written in plain text.
type sealed struct {
	Fingerprint
	Cookies []sealedCookie `json:"cookies"`
}

type sealedCookie struct {
	Name     string    `json:"name"`
	Value    string    `json:"value"`
	Domain   string    `json:"domain"`
	Path     string    `json:"path"`
	Expires  time.Time `json:"expires,omitzero"`
	HTTPOnly bool      `json:"http_only,omitempty"`
	SameSite string    `json:"same_site,omitempty"`
}

// Seal returns the session in the format for a secret store.
func (s Session) Seal() (secret.Text, error) {
	out := sealed{Fingerprint: s.Fingerprint}
	for _, c := range s.Cookies {
		out.Cookies = append(
			out.Cookies, sealedCookie{c.Name, c.Value.Reveal(), c.Domain, c.Path, c.Expires, c.HTTPOnly, c.SameSite},
		)
	}
	data, err := json.Marshal(out)
	return secret.New(string(data)), err
}

// OpenSession parses the result of Seal.
func OpenSession(text secret.Text) (Session, error) {
	var in sealed
	if err := json.Unmarshal([]byte(text.Reveal()), &in); err != nil {
		return Session{}, errUnreadableSession // the cause could quote a cookie
	}
	s := Session{Fingerprint: in.Fingerprint}
	for _, c := range in.Cookies {
		s.Cookies = append(
			s.Cookies, Cookie{c.Name, secret.New(c.Value), c.Domain, c.Path, c.Expires, c.HTTPOnly, c.SameSite},
		)
	}
	return s, nil
}

// SessionHosts returns the hosts whose cookies belong to a session.
func (c Cloud) SessionHosts(loginHosts []string) []string {
	return slices.Concat(c.SecretHosts, c.PassHosts, loginHosts)
}

// Of returns the session with only the cookies that one of hosts would receive.
func (s Session) Of(hosts []string) Session {
	stored := Session{Fingerprint: s.Fingerprint}
	for _, c := range s.Cookies {
		if slices.ContainsFunc(hosts, c.goesTo) {
			stored.Cookies = append(stored.Cookies, c)
		}
	}
	return stored
}

// goesTo reports whether a host receives the cookie (RFC 6265 section 5.1.3).
func (c Cookie) goesTo(host string) bool {
	below, all := strings.CutPrefix(strings.ToLower(c.Domain), ".")
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	return host == below || all && strings.HasSuffix(host, "."+below)
}

// sessionCookies lists Microsoft's cookies that carry a sign-in. The ESTSSTATE ones
// belong to Entra's newer session model.
var sessionCookies = []string{"ESTSAUTH", "ESTSAUTHPERSISTENT", "ESTSSTATETRANSIENT", "ESTSSTATEPERSISTENT"}

// SignedIn reports whether the session contains a sign-in, judging by the
// names of its cookies.
func (s Session) SignedIn() bool {
	return slices.ContainsFunc(
		s.Cookies, func(c Cookie) bool {
			return slices.Contains(sessionCookies, strings.ToUpper(c.Name)) && !c.Value.IsZero()
		},
	)
}
