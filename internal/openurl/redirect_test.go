package openurl

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/o365aws/o365aws/internal/secret"
)

const to = "https://signin.example/?token=x"

func newRedirect(t *testing.T, foreign bool) *Redirect {
	t.Helper()
	l, err := NewRedirect(secret.New(to), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if l.Foreign == nil {
		t.Error("got no check of the user")
	}
	l.Foreign = func(*http.Request) bool { return foreign }
	return l
}

func (r *Redirect) ask(method, path string) (Answer, *httptest.ResponseRecorder) {
	w := httptest.NewRecorder()
	return r.Follow(w, httptest.NewRequest(method, "http://127.0.0.1:1"+path, nil)), w
}

// TestFollow checks that only the exact request is redirected, and only once.
func TestFollow(t *testing.T) {
	l := newRedirect(t, false)
	if len(l.Path()) < 64 || strings.Contains(l.Path(), "token") {
		t.Errorf("got path %s", l.Path())
	}
	for _, c := range []struct {
		method, path string
		want         Answer
	}{
		{http.MethodGet, "/", NotFound},
		{http.MethodGet, l.Path() + "0", NotFound},
		{http.MethodGet, l.Path()[:len(l.Path())-1], NotFound},
		{http.MethodPost, l.Path(), NotFound},
		{http.MethodHead, l.Path(), NotFound},
		{http.MethodGet, l.Path(), Redirected},
		{http.MethodGet, l.Path(), NotFound},
	} {
		got, w := l.ask(c.method, c.path)
		if got != c.want || (w.Header().Get("Location") == to) != (c.want == Redirected) ||
			(w.Code == http.StatusSeeOther) != (c.want == Redirected) {
			t.Errorf("%s %s: got %v, want %v, status %d", c.method, c.path, got, c.want, w.Code)
		}
		if l.Used() != (got == Redirected || c.method == http.MethodGet && c.path == l.Path()) {
			t.Errorf("%s %s: got used %v", c.method, c.path, l.Used())
		}
		if got == Redirected &&
			(w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer") {
			t.Errorf("got headers %v", w.Header())
		}
	}
}

// TestFollowOtherUser checks that another user is refused and does not use up the
// redirect.
func TestFollowOtherUser(t *testing.T) {
	l := newRedirect(t, true)
	if got, w := l.ask(http.MethodGet, l.Path()); got != ForeignUser || len(w.Header()) > 0 {
		t.Errorf("got %v with headers %v, want ForeignUser", got, w.Header())
	}
	if got, _ := l.ask(http.MethodGet, "/"); got != NotFound {
		t.Errorf("guessed path: got %v, want NotFound", got)
	}
	l.Foreign = func(*http.Request) bool { return false }
	if got, _ := l.ask(http.MethodGet, l.Path()); got != Redirected {
		t.Errorf("got %v, want Redirected", got)
	}
}

// TestFollowAtOnce checks that only one of many concurrent requests is redirected.
func TestFollowAtOnce(t *testing.T) {
	l := newRedirect(t, false)
	var redirected atomic.Int64
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if got, _ := l.ask(http.MethodGet, l.Path()); got == Redirected {
				redirected.Add(1)
			}
		})
	}
	group.Wait()
	if redirected.Load() != 1 {
		t.Errorf("got %d redirects, want 1", redirected.Load())
	}
}

func TestNoRandomness(t *testing.T) {
	if l, err := NewRedirect(secret.New(to), iotest.ErrReader(http.ErrBodyNotAllowed)); err == nil || l != nil {
		t.Errorf("got %v, %v, want an error", l, err)
	}
}
