package login

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// emptySession has only a key.
var emptySession identity.StoredSession

func assertionOf(id string, response saml.Response) identity.Assertion {
	return identity.Assertion{RequestID: id, Response: response.Raw}
}

// responseAt returns a response to the request with the given ID.
func responseAt(now time.Time, id string) saml.Response { return responseWith(now, id, "") }

// responseWith returns a response to the request with the given ID and attributes.
func responseWith(now time.Time, id, attributes string) saml.Response {
	const tenant = "11111111-2222-3333-4444-555555555555"
	format := `<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" InResponseTo="%[1]s"><p:Status>` +
		`<p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status>` +
		`<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>https://sts.windows.net/` + tenant +
		`/</Issuer><Subject><SubjectConfirmation><SubjectConfirmationData InResponseTo="%[1]s"/>` +
		`</SubjectConfirmation></Subject><Conditions NotOnOrAfter="%[2]s"/>%[3]s</Assertion></p:Response>`
	raw := fmt.Appendf(nil, format, id, now.Add(time.Hour).Format(time.RFC3339), attributes)
	return saml.Response{Raw: secret.New(base64.StdEncoding.EncodeToString(raw))}
}

// A shared assertion is used if it replies to its request and comes from the tenant of
// the stored session. A login or a forced sign-in uses one only if it was shared while it
// waited.
func TestSharedSource(t *testing.T) {
	for name, c := range map[string]struct {
		id     string // request ID that is shared
		tenant string
		change func(*attempt)
		used   bool
		ends   time.Duration // session duration; 0 for none
	}{
		"good":            {"id1", "", nil, true, 0},
		"another tenant":  {"id1", "99999999-2222-3333-4444-555555555555", nil, false, 0},
		"another request": {"id2", "", nil, false, 0},
		"login, during wait": {
			"id1", "", func(a *attempt) { a.use, a.began = forLogin, at.Add(-time.Second) }, true, 0,
		},
		"login, before it":          {"id1", "", func(a *attempt) { a.use, a.began = forLogin, at }, false, 0},
		"forced, before it":         {"id1", "", func(a *attempt) { a.Force, a.began = true, at }, false, 0},
		"program, before it":        {"id1", "", func(a *attempt) { a.began = at.Add(time.Second) }, true, 0},
		"nothing stored":            {"id1", "", func(a *attempt) { a.unread = keychain.ErrNotFound }, false, 0},
		"stored without key":        {"id1", "", func(a *attempt) { a.session.Key = nil }, false, 0},
		"session ends soon":         {"id1", "", nil, false, minSharedSession - time.Second},
		"session lasts long enough": {"id1", "", nil, true, minSharedSession},
		"for another session": {
			"id1", "", func(a *attempt) { a.session.Key = []byte(strings.Repeat("x", 32)) }, false, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			now := at
			env := envAt(t, &now)
			r := resolvedAt(env, sharingProfile)
			key := []byte(strings.Repeat("k", 32))
			response := responseAt(at, "id1")
			if c.ends > 0 {
				end := at.Add(c.ends).Format(time.RFC3339)
				response = responseWith(at, "id1", `<AuthnStatement SessionNotOnOrAfter="`+end+`"/>`)
			}
			r.identity.Share(assertionOf(c.id, response), key)
			a := attempt{resolved: r, session: identity.StoredSession{Key: key, Tenant: c.tenant}}
			if c.change != nil {
				c.change(&a)
			}
			got := sharedAvailable(a) == ""
			if got {
				result, err := acquireShared(t.Context(), a)
				got = err == nil
				if got == result.Response.Raw.IsZero() || err != nil && !errors.As(err, new(notApplicable)) {
					t.Errorf("got %v, %v", result.Response.Raw.IsZero(), err)
				}
			}
			if got != c.used {
				t.Errorf("used: got %v, want %v", got, c.used)
			}
		})
	}
}

// A short session of the device is replaced by a longer one with an interactive sign-in,
// if the user can be prompted and the profile does not require the device.
func TestDeviceEndsSoon(t *testing.T) {
	user := &windowPrompter{}
	for name, c := range map[string]struct {
		interactive bool
		device      string
		prompter    Prompter
		want        bool
	}{
		"user":     {true, "auto", user, true},
		"required": {true, "required", user, false},
		"program":  {false, "auto", user, false},
		"no user":  {true, "auto", nonInteractive{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := attempt{resolved: resolved{
				env: Env{Prompter: c.prompter}, Request: Request{
					Interactive: c.interactive, Profile: awsconfig.Profile{Device: c.device},
				},
			}}
			if got := a.canPrompt(); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// windowPrompter is a Prompter of a user with a display.
type windowPrompter struct{ nonInteractive }

func (*windowPrompter) Window() bool { return true }

// Each source returns the reason why it does not apply, and the error of a
// non-interactive call lists each reason once.
func TestSourceReasons(t *testing.T) {
	lapsed := func(dead, browser bool) *entra.RenewalError {
		return &entra.RenewalError{Why: "has ended", Dead: dead, Browser: browser}
	}
	missing := keychain.ErrNotFound
	asks := resolved{Request: Request{Interactive: true}}
	off := resolved{Request: Request{Profile: awsconfig.Profile{Device: "none"}}}
	for name, c := range map[string]struct {
		attempt attempt
		want    [5]bool // available sources, in order
	}{
		"nothing stored":   {attempt{unread: missing}, [5]bool{3: true}},
		"a key is stored":  {attempt{}, [5]bool{0: true, 3: true}},
		"interactive":      {attempt{resolved: asks, unread: missing}, [5]bool{3: true, 4: true}},
		"ended session":    {attempt{renewal: lapsed(true, false)}, [5]bool{0: true, 3: true}},
		"browser may help": {attempt{renewal: lapsed(false, true)}, [5]bool{0: true, 2: true, 3: true}},
		"user in a browser": {
			attempt{resolved: asks, unread: missing, renewal: lapsed(false, true)}, [5]bool{3: true, 4: true},
		},
		"device is off": {attempt{resolved: off, unread: missing}, [5]bool{}},
	} {
		t.Run(name, func(t *testing.T) {
			for i, s := range sources {
				if why := s.available(c.attempt); (why == "") != c.want[i] {
					t.Errorf("%s: got reason %q, want available %v", s.name, why, c.want[i])
				}
			}
		})
	}
	for name, c := range map[string]struct {
		unread error
		want   string
	}{
		"missing":    {missing, noSession},
		"locked":     {fault.Wrap(fault.NeedsInput, keychain.ErrLocked, "x"), lockedSession},
		"no store":   {&keychain.UnavailableError{Absent: true, Why: "no bus"}, noSession},
		"unreadable": {&keychain.UnavailableError{Why: "it hangs"}, "cannot read the stored session: it hangs"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := sessionAvailable(attempt{unread: c.unread}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	now := at
	r := resolvedAt(envAt(t, &now), sharingProfile)
	r.Profile.Remember = "none"
	r.Profile.Tenant = "11111111-2222-3333-4444-555555555555"
	_, err := r.trySources(t.Context(), network.Network{})
	if got, want := err.Error(), "profile dev needs an interactive sign-in: no session is stored"; got != want ||
		fault.KindOf(err) != fault.NeedsInput {
		t.Errorf("got %q of kind %v, want %q", got, fault.KindOf(err), want)
	}
}
