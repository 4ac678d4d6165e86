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

func lead(t *testing.T, stranger bool) *Redirect {
	t.Helper()
	l, err := NewRedirect(secret.New(to), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if l.Foreign == nil {
		t.Error("a lead tells no strangers")
	}
	l.Foreign = func(*http.Request) bool { return stranger }
	return l
}

func (l *Redirect) ask(method, path string) (Answer, *httptest.ResponseRecorder) {
	w := httptest.NewRecorder()
	return l.Follow(w, httptest.NewRequest(method, "http://127.0.0.1:1"+path, nil)), w
}

// Only the exact request is led, and one of them alone.
func TestFollow(t *testing.T) {
	l := lead(t, false)
	if len(l.Path()) < 64 || strings.Contains(l.Path(), "token") {
		t.Errorf("the path is %s", l.Path())
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
			t.Errorf("%s %s: %v, status %d", c.method, c.path, got, w.Code)
		}
		if l.Used() != (got == Redirected || c.method == http.MethodGet && c.path == l.Path()) {
			t.Errorf("%s %s: used %v", c.method, c.path, l.Used())
		}
		if got == Redirected &&
			(w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer") {
			t.Errorf("the redirect has %v", w.Header())
		}
	}
}

// Another user gets nothing, and takes nothing from the browser.
func TestStrangers(t *testing.T) {
	l := lead(t, true)
	if got, w := l.ask(http.MethodGet, l.Path()); got != ForeignUser || len(w.Header()) > 0 {
		t.Errorf("%v, %v", got, w.Header())
	}
	if got, _ := l.ask(http.MethodGet, "/"); got != NotFound {
		t.Errorf("a guess is told from another user's: %v", got)
	}
	l.Foreign = func(*http.Request) bool { return false }
	if got, _ := l.ask(http.MethodGet, l.Path()); got != Redirected {
		t.Errorf("%v", got)
	}
}

// Of many that come at once, one is led.
func TestFollowAtOnce(t *testing.T) {
	l := lead(t, false)
	var led atomic.Int64
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if got, _ := l.ask(http.MethodGet, l.Path()); got == Redirected {
				led.Add(1)
			}
		})
	}
	group.Wait()
	if led.Load() != 1 {
		t.Errorf("%d were led", led.Load())
	}
}

func TestNoRandomness(t *testing.T) {
	if l, err := NewRedirect(secret.New(to), iotest.ErrReader(http.ErrBodyNotAllowed)); err == nil || l != nil {
		t.Errorf("%v, %v", l, err)
	}
}
