package entra_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

const agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36"

// cloudOf starts the emulator and returns it with a Renewal and a session.
func cloudOf(t *testing.T, scenario string) (*fakecloud.Cloud, entra.Renewal, entra.Session) {
	t.Helper()
	cloud, err := fakecloud.New(fakecloud.Options{Scenario: scenario})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	global, _ := entra.CloudByName("global")
	renewal := entra.Renewal{
		Cloud: global, Username: fakecloud.UserName, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Client: cloud.Client(),
	}
	return cloud, renewal, sessionOf(cloud, agent)
}

func sessionOf(cloud *fakecloud.Cloud, agent string) entra.Session {
	session := entra.Session{Fingerprint: entra.Fingerprint{UserAgent: agent}}
	for _, c := range cloud.SignOn(fakecloud.UserName, agent) {
		session.Cookies = append(session.Cookies, entra.Cookie{
			Name: c.Name, Value: secret.New(c.Value), Domain: "login.microsoftonline.com", Path: c.Path, HTTPOnly: c.HttpOnly,
		})
	}
	return session
}

func startURL(t *testing.T) string {
	t.Helper()
	request, err := saml.NewAuthnRequest(
		"https://signin.aws.amazon.com/saml", "https://signin.aws.amazon.com/saml", time.Now(), rand.Reader,
	)
	if err != nil {
		t.Fatal(err)
	}
	address, err := request.URL("login.microsoftonline.com", fakecloud.TenantDomain, fakecloud.UserName)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// The state of a session determines the result of a renewal.
func TestRenewalBySession(t *testing.T) {
	for state, want := range map[fakecloud.SessionState]string{
		fakecloud.SessionLives: "", fakecloud.SessionRotates: "", fakecloud.SessionTile: "", fakecloud.SessionPull: "",
		fakecloud.SessionAsks: "", fakecloud.SessionConfirms: "", fakecloud.SessionFailsOnce: "",
		fakecloud.SessionRevoked:   "dead: the saved session was revoked (AADSTS50173)",
		fakecloud.SessionExpired:   "dead: the saved session has expired",
		fakecloud.SessionOther:     "dead: the saved session is of grace@contoso.example, not of ada@contoso.example",
		fakecloud.SessionFrequency: "person: the saved session now requires multifactor authentication",
		fakecloud.SessionScript:    "browser: the saved session met the page ConvergedScriptNeeded on login.microsoftonline.com",
		fakecloud.SessionError:     "network: login.microsoftonline.com answered with HTTP status 500 instead of a sign-in page",
		fakecloud.SessionThrottled: "network: login.microsoftonline.com answered with HTTP status 429 instead of a sign-in page",
	} {
		t.Run("session "+string(state), func(t *testing.T) {
			t.Parallel()
			cloud, renewal, session := cloudOf(t, "")
			cloud.SetSessions(state)
			for range 2 { // the returned session is valid for the next renewal
				assertion, stored, err := renewal.Run(t.Context(), session, startURL(t))
				if got := outcome(err); !strings.HasPrefix(got, want) || (want == "") != (got == "") ||
					(err == nil) == assertion.IsZero() {
					t.Fatalf("got %q, %d characters; want %q", got, assertion.Len(), want)
				}
				if err != nil {
					break
				}
				if stored.UserAgent != agent || !stored.SignedIn() {
					t.Fatalf("session lost: %d cookies", len(stored.Cookies))
				}
				session = stored
			}
			if n := cloud.PhonePrompts(); n != 0 {
				t.Errorf("%d pushes", n)
			}
			if n := cloud.LeakedAssertions(); n != 0 {
				t.Error("an assertion reached AWS's sign-in site")
			}
		})
	}
}

// outcome classifies the error of a renewal.
func outcome(err error) string {
	var lapsed *entra.RenewalError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &lapsed) && lapsed.Dead:
		return "dead: " + err.Error()
	case errors.As(err, &lapsed) && lapsed.Browser:
		return "browser: " + err.Error()
	case errors.As(err, &lapsed):
		return "person: " + err.Error()
	}
	return fault.KindOf(err).String() + ": " + err.Error()
}

// Sign-in scenarios that also affect renewals.
func TestRenewalByScenario(t *testing.T) {
	for scenario, want := range map[string]string{
		"session-pull": "", "confirm-app": "", "proof-up": "", "no-kmsi": "", "many-roles": "", "german": "",
		"conditional-access": "browser: the saved session met the page ConvergedConditionalAccess",
		"change-password":    "dead: the saved session requires a new password",
		"consent":            "browser: the saved session met the page ConvergedConsent",
		"proof-up-forced":    "person: the saved session requires more security information",
		"loop":               "browser: the saved session was redirected without end",
	} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			_, renewal, session := cloudOf(t, scenario)
			_, _, err := renewal.Run(t.Context(), session, startURL(t))
			if got := outcome(err); !strings.HasPrefix(got, want) || (want == "") != (got == "") {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// A session renews only with the browser's user agent and all of its cookies.
func TestRenewalOfBrokenSession(t *testing.T) {
	cloud, renewal, _ := cloudOf(t, "")
	other := sessionOf(cloud, agent)
	other.UserAgent = "Go-http-client/2.0"
	bare := sessionOf(cloud, agent)
	bare.Cookies = slices.DeleteFunc(
		bare.Cookies, func(c entra.Cookie) bool { return strings.HasPrefix(c.Name, "ESTSAUTH") },
	)
	cut := sessionOf(cloud, agent)
	for i, c := range cut.Cookies {
		cut.Cookies[i].Value = secret.New(c.Value.Reveal()[:10])
	}
	old := sessionOf(cloud, agent)
	for i := range old.Cookies {
		old.Cookies[i].Expires = time.Now().Add(-time.Minute)
	}
	for name, session := range map[string]entra.Session{"another browser": other, "no cookie": bare, "cut cookies": cut, "old cookies": old, "nothing": {}} {
		assertion, _, err := renewal.Run(t.Context(), session, startURL(t))
		if outcome(err) != "dead: the saved session has expired" || !assertion.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The cookies of a session are sent only to Microsoft's hosts, regardless of the
// destination of pages and redirects.
func TestRenewalStaysWithMicrosoft(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"redirect": func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://evil.example/")
			w.WriteHeader(http.StatusFound)
		},
		"redirect to http": func(w http.ResponseWriter) {
			w.Header().Set("Location", "http://login.microsoftonline.com/")
			w.WriteHeader(http.StatusFound)
		},
		"form": func(w http.ResponseWriter) {
			write(w, `<form name="hiddenform" action="https://login.microsoftonline.com.evil.example/x"><input type=hidden name=a value=b></form>`)
		},
		"almost AWS": func(w http.ResponseWriter) {
			write(w, `<form name="hiddenform" action="https://signin.aws.amazon.com.evil.example/saml"><input type=hidden name=SAMLResponse value=b></form>`)
		},
		"page": func(w http.ResponseWriter) {
			write(w, `$Config={"pgid":"KmsiInterrupt","urlPost":"https://evil.example/kmsi","sFT":"t"};`)
		},
		"name that turns around": func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://evil\u202e.example/")
			w.WriteHeader(http.StatusFound)
		},
		"user in the address": func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://login.microsoftonline.com@evil.example/")
			w.WriteHeader(http.StatusFound)
		},
	} {
		asked := 0
		_, renewal, session := cloudOf(t, "")
		renewal.Client = &http.Client{Transport: roundTrip(func(r *http.Request) *http.Response {
			asked++
			w := &memory{header: http.Header{}, status: http.StatusOK}
			answer(w)
			return w.response(r)
		})}
		_, _, err := renewal.Run(t.Context(), session, startURL(t))
		if got := outcome(err); !strings.Contains(got, "which is not allowed") || strings.Contains(got, "\u202e") ||
			asked != 1 {
			t.Errorf("%s: %s after %d requests", name, got, asked)
		}
	}
}

// A canceled renewal returns the error of the context.
func TestCanceledRenewal(t *testing.T) {
	_, renewal, session := cloudOf(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := renewal.Run(ctx, session, startURL(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
