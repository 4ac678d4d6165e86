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

// A headless browser reports the same as a visible one, both to scripts and to servers,
// in every target: tabs, frames, workers.
func TestFingerprint(t *testing.T) {
	var mu sync.Mutex
	headers := map[string]http.Header{}
	args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		headers[r.URL.Path] = r.Header.Clone()
		mu.Unlock()
		switch r.URL.Path {
		case "/worker.js", "/shared.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprintf(w, `const done = fetch("/by%s");
				onmessage = (e) => done.then(() => postMessage(""));
				onconnect = (e) => done.then(() => e.ports[0].postMessage(""))`, r.URL.Path)
		case "/frame":
			fmt.Fprint(w, `<img src="/image">
				<script>fetch("/by/frame").then(() => parent.postMessage("", "*"))</script>`)
		case "/":
			fmt.Fprint(w, fingerprintPage)
		}
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
	for _, path := range []string{
		"/", "/request", "/frame", "/image", "/by/frame", "/worker.js", "/by/worker.js", "/shared.js", "/by/shared.js",
	} {
		got := headers[path]
		if got.Get("User-Agent") != session.UserAgent || strings.Contains(fmt.Sprint(got), "Headless") {
			t.Errorf("%s: got headers %v, want user agent %s", path, got, session.UserAgent)
		}
		language, brands := got.Get("Accept-Language"), got.Get("Sec-Ch-Ua")
		if brands == "" && !strings.HasSuffix(path, ".js") || // workers do not send any
			language != "de-CH,de;q=0.9,en-US;q=0.8,en;q=0.7" {
			t.Errorf("%s: got languages %q, brands %q", path, language, brands)
		}
	}
}

// fingerprintPage sends requests from each kind of target.
const fingerprintPage = `<body>x<script>
	const got = (target, event) => new Promise((done) => target["on" + event] = done);
	const frame = document.createElement("iframe");
	frame.src = "https://other.example/frame";
	document.body.append(frame);
	const worker = new Worker("/worker.js"), shared = new SharedWorker("/shared.js").port;
	worker.postMessage("");
	Promise.all([fetch("/request"), got(window, "message"), got(worker, "message"), got(shared, "message")])
		.then(() => document.body.id =
			(navigator.userAgent + JSON.stringify(navigator.userAgentData)).includes("Headless")
				? "headless" : "ordinary")
</script>`
