package entra

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

// Session is what a browser holds after a sign-in: with it the next sign-in
// needs no user. It must be protected like a password.
type Session struct {
	Fingerprint          // of the browser; Microsoft ties a session to it
	Cookies     []Cookie // of Microsoft's hosts, and of the company's own sign-in server
}

// Cookie is one cookie (RFC 6265 section 5.3).
type Cookie struct {
	Name     string
	Value    secret.Text
	Domain   string    // with a dot in front when it is for hosts below too
	Path     string    // never empty
	Expires  time.Time // zero: as long as the browser lives
	HTTPOnly bool
	SameSite string // Strict, Lax, None or empty
}

// sealed is how a session is written into a store of secrets. It is the one
// place where the values of cookies are spelt out.
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

// Seal writes the session for a store of secrets.
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

// OpenSession reads what Seal wrote.
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

// SessionHosts returns the hosts with the cookies of a session.
func (c Cloud) SessionHosts(loginHosts []string) []string {
	return slices.Concat(c.SecretHosts, c.PassHosts, loginHosts)
}

// Of returns the session with the cookies that one of hosts would get.
func (s Session) Of(hosts []string) Session {
	stored := Session{Fingerprint: s.Fingerprint}
	for _, c := range s.Cookies {
		if slices.ContainsFunc(hosts, c.goesTo) {
			stored.Cookies = append(stored.Cookies, c)
		}
	}
	return stored
}

// goesTo reports whether a host gets the cookie (RFC 6265 section 5.1.3).
func (c Cookie) goesTo(host string) bool {
	below, all := strings.CutPrefix(strings.ToLower(c.Domain), ".")
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	return host == below || all && strings.HasSuffix(host, "."+below)
}

// sessionCookies are those of Microsoft that carry a sign-in.
// The estsState ones belong to Entra's newer session model.
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
