package browser

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/secret"
)

// The header is sent only with top-level documents of one host, including after redirects
// and forms: not to other hosts, and not with frames, images or script requests. Cookies
// are sent as usual.
func TestDocumentHeader(t *testing.T) {
	const name = "x-ms-RefreshTokenCredential"
	var mu sync.Mutex
	with, without := map[string]bool{}, map[string]bool{}
	cookies := map[string]string{}
	args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		at := r.Method + " " + r.Host + r.URL.Path
		if r.Header.Get(name) != "" {
			with[at] = true
		} else {
			without[at] = true
		}
		cookies[at] = r.Header.Get("Cookie")
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b", Path: "/", Secure: true})
		switch r.URL.Path {
		case "/first":
			http.Redirect(w, r, "https://device.login.microsoftonline.com/away", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "https://"+host+"/back", http.StatusFound)
		case "/back":
			fmt.Fprint(w, `<img src=/picture><iframe src=/frame></iframe><script>fetch('/call')</script>
<form method=post action=/end></form><script>onload=()=>document.forms[0].submit()</script>`)
		case "/end":
			fmt.Fprint(w, "<body><input id=i0118>")
		}
	}))
	var asked []string
	b := start(t, args, func(o *Options) {
		o.Document = &Document{Host: host, Name: name, Value: func(_ context.Context, a string) (secret.Text, error) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, a)
			return secret.New("a.b.c"), nil
		}}
	})
	if err := b.Page().Navigate(t.Context(), "https://"+host+"/first"); err != nil {
		t.Fatal(err)
	}
	end := "https://" + host + "/end"
	waitFor(t, b.Page(), "page", func(s entra.Snapshot) bool { return s.Ready && s.URL == end })
	mu.Lock()
	defer mu.Unlock()
	for _, at := range []string{"GET " + host + "/first", "GET " + host + "/back", "POST " + host + "/end"} {
		if !with[at] || without[at] {
			t.Errorf("%s came without the header", at)
		}
	}
	for at := range with {
		if !strings.Contains(at, " "+host) || strings.Contains(at, "/frame") || strings.Contains(at, "/picture") ||
			strings.Contains(at, "/call") {
			t.Errorf("%s came with the header", at)
		}
	}
	if !without["GET "+host+"/frame"] || !without["GET device.login.microsoftonline.com/away"] {
		t.Errorf("not asked for: %v", without)
	}
	want := []string{"https://" + host + "/first", "https://" + host + "/back", end}
	if cookies["POST "+host+"/end"] != "a=b" || !slices.Equal(asked, want) {
		t.Errorf("cookies %q, asked for %q", cookies, asked)
	}
}
