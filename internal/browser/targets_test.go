package browser

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/o365aws/o365aws/internal/entra"
)

const (
	awsHost = "signin.aws.amazon.com"
	// postToAWS is a JavaScript promise that resolves to whether an assertion reached
	// AWS.
	postToAWS = `fetch("https://` + awsHost + `/saml", {method: "POST", mode: "no-cors", body: "SAMLResponse=QUJD"})
		.then(() => "reached", () => "stopped")`
	show = `(id) => document.body.id = id`
)

// clicked returns JavaScript that runs script when the page is clicked.
func clicked(script string) string {
	return `document.body.id = "click"; document.body.onclick = () => { document.body.id = ""; ` + script + ` }`
}

// visit loads a page, clicks it if it waits for a click, and returns the first snapshot
// for which done is true.
func visit(t *testing.T, p entra.Page, done func(entra.Snapshot) bool) entra.Snapshot {
	t.Helper()
	if err := p.Navigate(t.Context(), "https://"+host+"/"); err != nil {
		t.Fatal(err)
	}
	return waitFor(t, p, "result", func(s entra.Snapshot) bool {
		if s.Shows("click") {
			if _, err := p.Click(t.Context(), "#click", 0); err != nil {
				t.Fatal(err)
			}
		}
		return done(s)
	})
}

// No tab, frame or worker can send an assertion to AWS.
func TestEveryTargetIsIntercepted(t *testing.T) {
	for name, script := range map[string]string{
		"tab":    postToAWS + `.then(` + show + `)`,
		"frame":  `const f = document.createElement("iframe"); f.src = "https://other.example/child"; document.body.append(f)`,
		"worker": `new Worker("/worker.js").onmessage = (e) => document.body.id = e.data`,
		"shared worker": `const port = new SharedWorker("/worker.js").port;
			port.onmessage = (e) => document.body.id = e.data`,
		"service worker": `"serviceWorker" in navigator
			? navigator.serviceWorker.register("/worker.js").then(() => document.body.id = "reached")
			: document.body.id = "stopped"`,
	} {
		t.Run(name, func(t *testing.T) {
			args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/worker.js":
					w.Header().Set("Content-Type", "text/javascript")
					fmt.Fprintf(w, `const send = (to) => %s.then((r) => to.postMessage(r));
						if (self.DedicatedWorkerGlobalScope) send(self);
						self.onconnect = self.onmessage = (e) => send(e.ports[0]);`, postToAWS)
				case "/child":
					fmt.Fprintf(w, `<script>%s.then((r) => (window.opener || parent).postMessage(r, "*"))</script>`, postToAWS)
				default:
					fmt.Fprintf(w, `<body style="height: 300px">x<script>onmessage = (e) => document.body.id = e.data; %s</script>`, script)
				}
			}))
			snap := visit(t, start(t, args).Page(), func(s entra.Snapshot) bool { return s.Shows("stopped") || s.Shows("reached") })
			if snap.Shows("reached") {
				t.Error("the assertion reached AWS")
			}
		})
	}
}

// A service worker of another site's frame, which has a process of its own, posts no
// assertion to AWS, and its requests do not name a headless browser.
func TestServiceWorkerOfFrame(t *testing.T) {
	var mu sync.Mutex
	agents := map[string]string{}
	args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		agents[r.URL.Path] = r.UserAgent()
		mu.Unlock()
		switch r.URL.Path {
		case "/service.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprintf(w, `oninstall = (e) => e.waitUntil(%s.then((r) => fetch("/by/service?" + r)
				.then(() => clients.matchAll({includeUncontrolled: true}))
				.then((list) => list.forEach((c) => c.postMessage(r)))))`, postToAWS)
		case "/child":
			fmt.Fprint(w, `<script>navigator.serviceWorker.onmessage = (e) => parent.postMessage(e.data, "*");
				navigator.serviceWorker.startMessages();
				navigator.serviceWorker.register("/service.js")</script>`)
		case "/":
			fmt.Fprint(w, `<body>x<script>onmessage = (e) => document.body.id = e.data;
				const f = document.createElement("iframe"); f.src = "https://other.example/child"; document.body.append(f)</script>`)
		}
	}))
	p := start(t, append(args, "--site-per-process")).Page()
	snap := visit(t, p, func(s entra.Snapshot) bool { return s.Shows("stopped") || s.Shows("reached") })
	if snap.Shows("reached") {
		t.Error("the assertion reached AWS")
	}
	mu.Lock()
	defer mu.Unlock()
	for _, path := range []string{"/service.js", "/by/service"} {
		if got := agents[path]; got != agents["/"] || strings.Contains(got, "Headless") {
			t.Errorf("%s: got user agent %q, want %q", path, got, agents["/"])
		}
	}
}

// A form for AWS is intercepted in a separate window and without TLS.
func TestFormsAreIntercepted(t *testing.T) {
	const form = `<form method=post action="%s://` + awsHost + `/saml"><input type=hidden name=SAMLResponse value=QUJD>
		</form><script>document.forms[0].submit()</script>`
	var first, second string
	var reached atomic.Bool
	args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Host == awsHost:
			reached.Store(true)
		case r.URL.Path == "/window":
			fmt.Fprint(w, second)
		default:
			fmt.Fprint(w, first)
		}
	}))
	t.Run("window", func(t *testing.T) {
		first = `<body style="height: 300px">x<script>` + clicked(`const w = window.open("/window");
			setInterval(() => { if (w.closed) document.body.id = "closed" }, 50)`) + `</script>`
		second = fmt.Sprintf(form, "https")
		visit(t, start(t, args).Page(), func(s entra.Snapshot) bool { return s.Shows("closed") })
		if reached.Load() {
			t.Error("the assertion reached AWS")
		}
	})
	t.Run("http", func(t *testing.T) {
		first = `<body id=page>x` + fmt.Sprintf(form, "http")
		snap := visit(t, start(t, args).Page(), func(s entra.Snapshot) bool {
			return s.Host != "" && s.Host != host || s.Requests > 0 && s.Awaits == ""
		})
		if snap.Host == awsHost {
			t.Error("the form was sent")
		}
	})
}

// No dialog, prompt or download stops a headless page.
func TestDialogsAreDismissed(t *testing.T) {
	const done = `; document.body.id = "done"`
	for name, script := range map[string]string{
		"alert":           `alert(1)` + done,
		"confirm":         `confirm(1)` + done,
		"prompt":          `prompt(1)` + done,
		"print":           `print()` + done,
		"alert in window": clicked(`window.open("/alert"); setTimeout(() => { document.body.id = "done" }, 500)`),
		"leave page":      clicked(`location = "/done"`) + `; onbeforeunload = (e) => { e.preventDefault(); return "x" }`,
		"file chooser": `const f = document.createElement("input"); f.type = "file"; document.body.append(f); ` +
			clicked(`f.click()`+done),
		"permission":            `Notification.requestPermission().then(() => { document.body.id = "done" })`,
		"position":              `const end = () => { document.body.id = "done" }; navigator.geolocation.getCurrentPosition(end, end)`,
		"download":              `location = "/download"; setTimeout(() => { document.body.id = "done" }, 300)`,
		"password of a page":    `location = "/password"`,
		"password of a request": `fetch("/password").then(() => { document.body.id = "done" })`,
	} {
		t.Run(name, func(t *testing.T) {
			args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/download":
					w.Header().Set("Content-Disposition", "attachment; filename=x.bin")
				case "/password":
					w.Header().Set("WWW-Authenticate", "Basic realm=x")
					w.WriteHeader(http.StatusUnauthorized)
					fmt.Fprint(w, `<body id=done>x`)
				case "/done":
					fmt.Fprint(w, `<body id=done>x`)
				case "/alert":
					fmt.Fprint(w, `<script>alert(1)</script>`)
				default:
					fmt.Fprintf(w, `<body style="height: 300px">x<script>%s</script>`, script)
				}
			}))
			visit(t, start(t, args).Page(), func(s entra.Snapshot) bool { return s.Shows("done") })
		})
	}
}
