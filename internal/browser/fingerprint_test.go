package browser

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/o365aws/o365aws/internal/entra"
)

// A headless browser reports what one with a window does, to the server and to
// scripts.
func TestFingerprint(t *testing.T) {
	var mu sync.Mutex
	headers := map[string]http.Header{}
	args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != host {
			return
		}
		mu.Lock()
		headers[r.URL.Path] = r.Header.Clone()
		mu.Unlock()
		fmt.Fprint(w, `<body>x<script>fetch("/request").then(() => document.body.id =
			(navigator.userAgent + JSON.stringify(navigator.userAgentData)).includes("Headless") ? "headless" : "ordinary")</script>`)
	}))
	b := start(t, args, func(o *Options) { o.Environ = append(o.Environ, "LC_ALL=de_CH.UTF-8") })
	snap := visit(t, b.Page(), func(s entra.Snapshot) bool { return s.Shows("headless") || s.Shows("ordinary") })
	if !snap.Shows("ordinary") {
		t.Error("scripts see a headless browser")
	}
	session, err := b.Session(t.Context(), []string{host})
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(` Chrome/[0-9]+\.0\.0\.0 Safari`).MatchString(session.UserAgent) {
		t.Errorf("got user agent %s, want only its major version", session.UserAgent)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, path := range []string{"/", "/request"} {
		got := headers[path]
		if got.Get("User-Agent") != session.UserAgent || strings.Contains(fmt.Sprint(got), "Headless") {
			t.Errorf("%s: got headers %v, want user agent %s", path, got, session.UserAgent)
		}
		if language, brands := got.Get("Accept-Language"), got.Get("Sec-Ch-Ua"); brands == "" ||
			language != "de-CH,de;q=0.9,en-US;q=0.8,en;q=0.7" {
			t.Errorf("%s: got languages %q, brands %q", path, language, brands)
		}
	}
}
