package openurl

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// TestHandOff checks that one browser receives the address, once, and that it is not a
// process argument.
func TestHandOff(t *testing.T) {
	to := secret.New("https://signin.aws.amazon.com/federation?SigninToken=x")
	var opened string
	err := HandOff(t.Context(), to, rand.Reader, func(address string) (<-chan error, error) {
		opened = address
		if strings.Contains(address, "SigninToken") {
			t.Errorf("got browser argument %s", address)
		}
		if status, where := follow(t, address+"0", nil); status != 404 || where != "" {
			t.Errorf("guessed path: got status %d, location %q", status, where)
		}
		if status, where := follow(t, address, func(r *http.Request) { r.Host = "evil.example" }); status != 404 ||
			where != "" {
			t.Errorf("rebound name: got status %d, location %q", status, where)
		}
		if status, where := follow(t, address, nil); status != 303 || where != to.Reveal() {
			t.Errorf("browser: got status %d, location %q", status, where)
		}
		if status, where := follow(t, address, nil); status != 404 || where != "" {
			t.Errorf("second request: got status %d, location %q", status, where)
		}
		return nil, nil
	})
	if err != nil || opened == "" {
		t.Error(err)
	}
}

func TestHandOffFails(t *testing.T) {
	wrong := errors.New("no browser")
	err := HandOff(t.Context(), secret.New("x"), rand.Reader, func(string) (<-chan error, error) { return nil, wrong })
	if !errors.Is(err, wrong) {
		t.Errorf("got %v, want %v", err, wrong)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = HandOff(ctx, secret.New("x"), rand.Reader, func(string) (<-chan error, error) { cancel(); return nil, nil })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestHandOffWhenTheCommandFails checks that HandOff waits briefly after the browser
// command has failed, and still accepts a browser.
func TestHandOffWhenTheCommandFails(t *testing.T) {
	failed := make(chan error, 1)
	broken := errors.New("exit status 1")
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		failed <- broken
		began := time.Now()
		err := (&door{done: make(chan struct{})}).await(t.Context(), failed)
		if !errors.Is(err, broken) || fault.KindOf(err) != fault.Browser || time.Since(began) != AfterFailure {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
		late := &door{done: make(chan struct{})}
		failed <- broken
		time.AfterFunc(AfterFailure-time.Second, func() { close(late.done) })
		if err := late.await(t.Context(), failed); err != nil {
			t.Errorf("late browser: got %v, want nil", err)
		}
	})
	for range 30 {
		failed <- broken
		err := HandOff(t.Context(), secret.New("https://aws"), rand.Reader, func(address string) (<-chan error, error) {
			if status, _ := follow(t, address, nil); status != http.StatusSeeOther {
				t.Errorf("got status %d, want %d", status, http.StatusSeeOther)
			}
			return failed, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-failed: // not received
		default:
		}
	}
}

// TestHandOffRefusesOtherUsers checks that another user, who finds the address in the
// process list and requests it first, is refused and does not use it up. If no other
// request follows, the user's browser may run as another user, and the error says so.
func TestHandOffRefusesOtherUsers(t *testing.T) { synctest.Test(t, testRefusesOtherUsers) }

func testRefusesOtherUsers(t *testing.T) {
	others := true
	redirect, err := NewRedirect(secret.New("https://aws"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	redirect.Foreign = func(*http.Request) bool { return others }
	d := &door{host: "127.0.0.1:1", redirect: redirect, done: make(chan struct{})}
	ask := func(want int, text string) {
		t.Helper()
		answer := httptest.NewRecorder()
		d.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:1"+redirect.Path(), nil))
		if answer.Code != want || !strings.Contains(answer.Body.String(), text) ||
			(answer.Header().Get("Location") != "") != (want == http.StatusSeeOther) {
			t.Errorf("got status %d, want %d: %s", answer.Code, want, answer.Body)
		}
	}
	ask(http.StatusForbidden, "console --print")
	failed := make(chan error, 1)
	failed <- errors.New("exit status 1")
	if err := d.await(t.Context(), failed); fault.KindOf(err) != fault.Browser ||
		!strings.Contains(err.Error(), "a different user") {
		t.Errorf("got %v, want a browser error about a different user", err)
	}
	others = false
	ask(http.StatusSeeOther, "")
	if err := d.await(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// follow sends a request and returns the status and the location.
func follow(t *testing.T, address string, change func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode, response.Header.Get("Location")
}
