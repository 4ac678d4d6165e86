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

// TestHandOff guards that the address reaches one browser, once, and is no
// argument of a process.
func TestHandOff(t *testing.T) {
	to := secret.New("https://signin.aws.amazon.com/federation?SigninToken=x")
	var opened string
	err := HandOff(t.Context(), to, rand.Reader, func(address string) (<-chan error, error) {
		opened = address
		if strings.Contains(address, "SigninToken") {
			t.Errorf("the browser is given %s", address)
		}
		if status, where := follow(t, address+"0", nil); status != 404 || where != "" {
			t.Errorf("a guess got %d %s", status, where)
		}
		if status, where := follow(t, address, func(r *http.Request) { r.Host = "evil.example" }); status != 404 ||
			where != "" {
			t.Errorf("a rebound name got %d %s", status, where)
		}
		if status, where := follow(t, address, nil); status != 303 || where != to.Reveal() {
			t.Errorf("the browser got %d %s", status, where)
		}
		if status, where := follow(t, address, nil); status != 404 || where != "" {
			t.Errorf("the second to come got %d %s", status, where)
		}
		return nil, nil // nothing fails
	})
	if err != nil || opened == "" {
		t.Error(err)
	}
}

func TestHandOffFails(t *testing.T) {
	wrong := errors.New("no browser")
	if err := HandOff(t.Context(), secret.New("x"), rand.Reader, func(string) (<-chan error, error) { return nil, wrong }); !errors.Is(
		err, wrong,
	) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := HandOff(ctx, secret.New("x"), rand.Reader, func(string) (<-chan error, error) { cancel(); return nil, nil })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Nobody is kept waiting for long for a browser whose command has failed; one
// that came nevertheless is let in, whichever of the two is looked at first.
func TestHandOffWhenTheCommandFails(t *testing.T) {
	failed := make(chan error, 1)
	broken := errors.New("exit status 1")
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		failed <- broken
		began := time.Now()
		err := (&door{done: make(chan struct{})}).await(t.Context(), failed)
		if !errors.Is(err, broken) || fault.KindOf(err) != fault.Browser || time.Since(began) != AfterFailure {
			t.Errorf("%v, after %v", err, time.Since(began))
		}
		late := &door{done: make(chan struct{})}
		failed <- broken
		time.AfterFunc(AfterFailure-time.Second, func() { close(late.done) })
		if err := late.await(t.Context(), failed); err != nil {
			t.Errorf("a browser that comes late: %v", err)
		}
	})
	for range 30 {
		failed <- broken
		err := HandOff(t.Context(), secret.New("https://aws"), rand.Reader, func(address string) (<-chan error, error) {
			if status, _ := follow(t, address, nil); status != http.StatusSeeOther {
				t.Errorf("the browser got %d", status)
			}
			return failed, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-failed: // it was not looked at
		default:
		}
	}
}

// Another user, who reads the address in the list of processes and comes
// first, gets nothing and takes nothing from the browser. If nobody else
// comes, it was the person's own browser, and they are told.
func TestHandOffIsNotForOthers(t *testing.T) { synctest.Test(t, testNotForOthers) }

func testNotForOthers(t *testing.T) {
	others := true
	lead, err := NewRedirect(secret.New("https://aws"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	lead.Foreign = func(*http.Request) bool { return others }
	d := &door{host: "127.0.0.1:1", lead: lead, done: make(chan struct{})}
	ask := func(want int, text string) {
		t.Helper()
		answer := httptest.NewRecorder()
		d.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:1"+lead.Path(), nil))
		if answer.Code != want || !strings.Contains(answer.Body.String(), text) ||
			(answer.Header().Get("Location") != "") != (want == http.StatusSeeOther) {
			t.Errorf("status %d, not %d: %s", answer.Code, want, answer.Body)
		}
	}
	ask(http.StatusForbidden, "console --print")
	failed := make(chan error, 1)
	failed <- errors.New("exit status 1")
	if err := d.await(t.Context(), failed); fault.KindOf(err) != fault.Browser ||
		!strings.Contains(err.Error(), "another user") {
		t.Errorf("%v", err)
	}
	others = false
	ask(http.StatusSeeOther, "")
	if err := d.await(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// follow asks like a browser that shows where it would go.
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
