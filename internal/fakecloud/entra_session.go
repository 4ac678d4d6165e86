package fakecloud

import (
	"net/http"
	"strconv"
	"time"
)

// SessionState determines how Entra treats a session that is reused. The emulator is
// strict: a session is bound to the user agent that created it, and each use returns a
// new cookie.
type SessionState string

// States of sessions.
const (
	SessionLives     SessionState = ""           // signed in immediately
	SessionRotates   SessionState = "rotates"    // a cookie is valid for one use; the response contains the next one
	SessionRevoked   SessionState = "revoked"    // by an admin or a password change: AADSTS50173
	SessionExpired   SessionState = "expired"    // shows the first page, as if there were no session
	SessionFrequency SessionState = "frequency"  // a policy requires MFA again
	SessionOther     SessionState = "other-user" // another user is signed in
	SessionTile      SessionState = "tile"       // the page asks for an account; that of the session is signed in
	SessionPull      SessionState = "pull"       // the page first reloads itself, regardless of the address
	SessionAsks      SessionState = "asks"       // shows "Stay signed in?" again
	SessionConfirms  SessionState = "confirms"   // shows "Are you trying to sign in?"
	SessionScript    SessionState = "script"     // shows a page that requires a browser
	SessionError     SessionState = "error"      // HTTP 500
	SessionThrottled SessionState = "throttled"  // HTTP 429
	SessionFailsOnce SessionState = "fails-once" // HTTP 503 for the first request
)

// persistentLife is how long a browser stores a session cookie.
const persistentLife = 90 * 24 * time.Hour

// otherUser is the signed-in user in the state other-user.
const otherUser = "grace@contoso.example"

// signon is a session.
type signon struct {
	hints      string // see hintsOf; "" accepts any
	user       *User
	agent      string // User-Agent of the browser that created it
	persistent bool
}

// SetSessions sets how Entra treats sessions from now on.
func (c *Cloud) SetSessions(state SessionState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entra.sessions, c.entra.failures = state, 0
}

// Slow adds a delay to every response from now on.
func (c *Cloud) Slow(by time.Duration) { c.slower.Store(int64(by)) }

// SignOn creates a session like a sign-in in a browser, and returns its cookies, or nil
// for a user that does not exist.
func (c *Cloud) SignOn(name, agent string) []*http.Cookie {
	user := c.user(name)
	if user == nil {
		return nil
	}
	var cookies []*http.Cookie
	for _, first := range firstCookies {
		cookies = append(cookies, entraCookie(first, newToken()))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return append(cookies, c.sessionCookiesLocked(&signon{user: user, agent: agent, persistent: true})...)
}

// PersistentSession reports whether the last sign-in answered "Stay signed in?"
// with yes.
func (c *Cloud) PersistentSession() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entra.stays
}

// sessionCookiesLocked returns new cookies of a session.
func (c *Cloud) sessionCookiesLocked(s *signon) []*http.Cookie {
	if c.entra.signons == nil {
		c.entra.signons = map[string]*signon{}
	}
	value := newToken()
	c.entra.signons[value] = s
	cookies := []*http.Cookie{entraCookie(cookieSession, value)}
	if s.persistent {
		lasting := entraCookie(cookiePersistent, value)
		lasting.MaxAge = int(persistentLife.Seconds())
		cookies = append(cookies, lasting)
	}
	return cookies
}

func entraCookie(name, value string) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", Secure: true, HttpOnly: true,
		SameSite: http.SameSiteNoneMode,
	}
}

// signedOn returns the session of a request, or nil if there is none or another browser
// created it.
func (c *Cloud) signedOn(r *http.Request) *signon {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range []string{cookiePersistent, cookieSession} {
		cookie, err := r.Cookie(name)
		if err != nil {
			continue
		}
		s := c.entra.signons[cookie.Value]
		if s == nil || s.agent != r.UserAgent() || s.hints != "" && s.hints != hintsOf(r) {
			continue
		}
		if c.entra.sessions == SessionRotates {
			delete(c.entra.signons, cookie.Value)
		}
		return s
	}
	return nil
}

// hintsOf returns the headers that remain constant during the session of a browser.
func hintsOf(r *http.Request) string {
	return r.Header.Get("Sec-CH-UA") + " " + r.Header.Get("Sec-CH-UA-Platform") + " " + r.Header.Get("Accept-Language")
}

// resume serves a sign-in with an existing session.
func (c *Cloud) resume(w http.ResponseWriter, r *http.Request, f *flow, s *signon) {
	c.mu.Lock()
	state := c.entra.sessions
	c.entra.failures++
	failures := c.entra.failures
	c.mu.Unlock()
	f.proved = map[string]bool{"password": true, "mfa": true, "kmsi": true, "compliant": f.proved["compliant"]}
	f.persist = s.persistent
	switch state {
	case SessionRevoked, SessionExpired:
		f.proved = map[string]bool{}
		code := map[SessionState]string{SessionRevoked: "50173", SessionExpired: "50058"}[state]
		c.page(w, f, "ConvergedSignIn", fields{"sErrorCode": code, "arrValErrs": []string{code}})
		return
	case SessionOther, SessionTile:
		name := map[SessionState]string{SessionOther: otherUser, SessionTile: s.user.Name}[state]
		f.tile = s.user
		c.page(w, f, "ConvergedSignIn", fields{"sErrorCode": "50058", "arrSessions": []fields{
			{
				"id": "left", "name": "grace@contoso.example", "isSignedIn": false,
			}, {"id": "here", "name": name, "isSignedIn": true},
		}})
		return
	case SessionPull:
		if r.URL.Query().Get("pulled") == "" {
			c.page(w, nil, "BssoInterrupt", fields{"urlPost": r.URL.RequestURI() + "&pulled=true"})
			return
		}
	case SessionFrequency:
		f.proved["mfa"] = false
	case SessionAsks:
		f.proved["kmsi"] = false
	case SessionConfirms:
		f.user = s.user
		f.proved["confirm-app"] = false
		c.page(w, f, "CmsiInterrupt", fields{"urlPost": "/appverify", "sErrorCode": "50199"})
		return
	case SessionScript:
		if r.URL.Query().Get("script") == "" {
			c.page(w, f, "ConvergedScriptNeeded", fields{"goOn": r.URL.RequestURI() + "&script=true"})
			return
		}
	case SessionError:
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	case SessionThrottled:
		w.Header().Set("Retry-After", strconv.Itoa(1))
		http.Error(w, "slow down", http.StatusTooManyRequests)
		return
	case SessionFailsOnce:
		if failures == 1 {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
	}
	f.user = s.user
	c.advance(w, r, f)
}

// serveTile serves the link behind the tile of a signed-in session.
func (c *Cloud) serveTile(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	f := c.entra.flows[r.URL.Query().Get("ctx")]
	c.mu.Unlock()
	if f != nil && c.comeBack(w, r, f) {
		return
	}
	if s := c.signedOn(r); f == nil || s == nil || f.tile != s.user || r.URL.Query().Get("sessionid") != "here" {
		http.Error(w, "no such session", http.StatusNotFound)
		return
	}
	f.user = f.tile
	c.advance(w, r, f)
}
