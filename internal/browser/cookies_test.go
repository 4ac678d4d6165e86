package browser

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/o365aws/o365aws/internal/entra"
)

// The next browser sends the cookies of the previous one, including HttpOnly ones, but
// not the cookies of other hosts.
func TestSessionInAnotherBrowser(t *testing.T) {
	var mu sync.Mutex
	sent := map[string]string{} // by host: the Cookie header of the last request
	args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		sent[r.Host] = r.Header.Get("Cookie")
		mu.Unlock()
		if r.URL.Path == "/set" {
			w.Header().Add("Set-Cookie", "ESTSAUTH=at-"+r.Host+"; Path=/; Secure; HttpOnly; SameSite=None")
			w.Header().
				Add("Set-Cookie", "ESTSAUTHPERSISTENT=lasting; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=7776000")
			w.Header().Add("Set-Cookie", "wide=1; Path=/; Secure; Domain=microsoftonline.com")
			w.Header().Add("Set-Cookie", "plain=1; Path=/")
		}
		fmt.Fprint(w, "<body><input id=i0118>")
	}))
	visit := func(p entra.Page, address string) {
		t.Helper()
		if err := p.Navigate(t.Context(), address); err != nil {
			t.Fatal(err)
		}
		waitFor(t, p, "page", func(s entra.Snapshot) bool { return s.Ready && s.URL == address })
	}
	first := start(t, args)
	visit(first.Page(), "https://evil.example/set")
	visit(first.Page(), "https://"+host+"/set")
	session, err := first.Session(t.Context(), []string{host})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range session.Cookies {
		names = append(names, c.Name)
		if (c.Name == "ESTSAUTHPERSISTENT") == c.Expires.IsZero() {
			t.Errorf("%s expires %v", c.Name, c.Expires)
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"ESTSAUTH", "ESTSAUTHPERSISTENT", "wide"}) ||
		!strings.Contains(session.UserAgent, "Chrome/") ||
		!session.SignedIn() {
		t.Fatalf("session of %q with cookies %v", session.UserAgent, names)
	}
	sealed, err := session.Seal()
	if err != nil {
		t.Fatal(err)
	}
	if session, err = entra.OpenSession(sealed); err != nil {
		t.Fatal(err)
	}

	second := start(t, args)
	if err := second.SetSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	visit(second.Page(), "https://"+host+"/")
	visit(second.Page(), "https://evil.example/")
	mu.Lock()
	defer mu.Unlock()
	for _, want := range []string{"ESTSAUTH=at-" + host, "ESTSAUTHPERSISTENT=lasting", "wide=1"} {
		if !strings.Contains(sent[host], want) {
			t.Errorf("the second browser sent %q, not %s", sent[host], want)
		}
	}
	if sent["evil.example"] != "" {
		t.Errorf("another host got %q", sent["evil.example"])
	}
}
