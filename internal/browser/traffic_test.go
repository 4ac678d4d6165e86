package browser

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"

	"github.com/o365aws/o365aws/internal/entra"
)

// A page that waits for a response reports the host; one that does not reports the host
// of a missing script.
func TestTraffic(t *testing.T) {
	hold := make(chan struct{})
	args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow.js", "/slow.css", "/slow", "/statistics":
			select {
			case <-hold:
			case <-r.Context().Done():
			}
		case "/blocked.js":
			http.Error(w, "blocked", http.StatusForbidden)
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `<body><p id=busy>busy`)
		case "/asks":
			fmt.Fprint(
				w,
				`<body><p id=asks>x<script>fetch("/slow"); fetch("https://statistics.example/statistics")</script>`,
			)
		case "/styled":
			fmt.Fprint(w, `<head><link rel=stylesheet href="https://cdn.example/slow.css"></head><body><p>x`)
		case "/tells":
			fmt.Fprint(w, `<body><p id=tells>x<script>fetch("https://statistics.example/statistics")</script>`)
		case "/leaves":
			fmt.Fprint(
				w,
				`<body><p id=leaves>x<form method=post action="/slow"></form><script>document.forms[0].submit()</script>`,
			)
		default:
			fmt.Fprint(
				w,
				`<body><p id=first>x<script src="https://cdn.example/blocked.js"></script><script src="https://cdn.example/slow.js"></script>`,
			)
		}
	}))
	t.Cleanup(func() { close(hold) })
	for _, c := range []struct {
		path, awaits, missing string
		status                int
	}{
		{"/", "cdn.example", "cdn.example", 200},
		{"/asks", host, "", 200},
		{"/tells", "", "", 200},
		{"/styled", "cdn.example", "", 0},
		{"/leaves", host, "", 0},
		{"/busy", "", "", 503},
	} {
		p := start(t, args).Page()
		if err := p.Navigate(t.Context(), "https://"+host+c.path); err != nil {
			t.Fatal(err)
		}
		waitFor(t, p, c.path, func(s entra.Snapshot) bool {
			return s.Awaits == c.awaits && s.Missing == c.missing &&
				(c.status == 0 || s.Status == c.status && len(s.IDs) > 0)
		})
	}
}

// A page waits for the document of a frame. If frames have separate processes, as in
// every desktop browser, its end is not reported to the embedding page.
func TestTrafficOfFrames(t *testing.T) {
	framed := make(chan struct{})
	args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/frame":
			select {
			case <-framed:
			case <-r.Context().Done():
			}
			fmt.Fprint(w, `<body>y`)
		default:
			fmt.Fprint(w, `<body><p id=first>x<iframe src="https://me.example/frame"></iframe>`)
		}
	}))
	p := start(t, append(args, "--site-per-process")).Page()
	if err := p.Navigate(t.Context(), "https://"+host+"/"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, p, "waiting for the frame", func(s entra.Snapshot) bool { return s.Awaits == "me.example" })
	close(framed)
	waitFor(
		t, p, "page that waits for nothing",
		func(s entra.Snapshot) bool { return s.Awaits == "" && s.Shows("first") },
	)
}

// A page waits for a frame that does not respond as long as Microsoft's own page would,
// and for its own document without limit.
func TestUnresponsiveFrame(t *testing.T) {
	now := time.Now()
	tr := traffic{
		now: func() time.Time { return now }, open: map[network.RequestID]request{},
		statuses: map[cdp.LoaderID]int64{},
	}
	asks := func(id, frame, address string) {
		tr.note(&network.EventRequestWillBeSent{
			RequestID: network.RequestID(
				id,
			), FrameID: cdp.FrameID(frame), LoaderID: "1", Type: network.ResourceTypeDocument,
			Request: &network.Request{URL: address},
		})
	}
	waits := func(what, want string) {
		t.Helper()
		var snap entra.Snapshot
		tr.state(&snap)
		if awaits := snap.Awaits; awaits != want {
			t.Errorf("%s: waits for %q, want %q", what, awaits, want)
		}
	}
	asks("0", "top", "https://login.microsoftonline.com/x")
	waits("before there is any page", "login.microsoftonline.com")
	tr.note(&network.EventLoadingFinished{RequestID: "0"})
	tr.note(
		&cdppage.EventFrameNavigated{
			Frame: &cdp.Frame{ID: "top", LoaderID: "1", URL: "https://login.microsoftonline.com/x"},
		},
	)
	asks("1", "inner", "https://login.live.com/Me.htm")
	now = now.Add(frameLimit)
	waits("while a page would wait", "login.live.com")
	now = now.Add(time.Millisecond)
	waits("after that", "")
	asks("2", "top", "https://login.microsoftonline.com/login")
	now = now.Add(time.Hour)
	waits("the page's own", "login.microsoftonline.com")
	for i := range 20 {
		asks(fmt.Sprint("more", i), "top", fmt.Sprintf("https://cdn%02d.example/", i))
	}
	for range 20 {
		waits("for several", "cdn00.example")
	}
}

// What a page sends by itself is not waited for and is no effect of an action. A
// request that may ring a phone is one, whatever its host.
func TestRequestsOfThePageItself(t *testing.T) {
	const own, other = "https://login.microsoftonline.com", "https://login.microsoft.com"
	for name, c := range map[string]struct {
		method, address, awaits string
		requests                int
	}{
		"look-up":         {"POST", own + "/common/GetCredentialType", "login.microsoftonline.com", 1},
		"code":            {"POST", own + "/common/SAS/EndAuth", "login.microsoftonline.com", 1},
		"poll":            {"GET", own + "/common/SAS/EndAuth?pollCount=1", "", 0},
		"poll of phone":   {"POST", own + "/common/DeviceCodeStatus?code=1", "", 0},
		"report":          {"POST", own + "/common/instrumentation/reportpageload", "", 0},
		"push, elsewhere": {"POST", other + "/common/SAS/BeginAuth", "", 1},
		"statistics":      {"POST", "https://statistics.example/x", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			tr := traffic{now: time.Now, open: map[network.RequestID]request{}, statuses: map[cdp.LoaderID]int64{}}
			tr.note(&cdppage.EventFrameNavigated{Frame: &cdp.Frame{ID: "top", LoaderID: "1", URL: own + "/x"}})
			tr.note(&network.EventRequestWillBeSent{
				RequestID: "1", FrameID: "top", LoaderID: "1", Type: network.ResourceTypeXHR,
				Request: &network.Request{Method: c.method, URL: c.address},
			})
			var snap entra.Snapshot
			if tr.state(&snap); snap.Awaits != c.awaits || snap.Requests != c.requests {
				t.Errorf("awaits %q with %d requests, want %q with %d", snap.Awaits, snap.Requests, c.awaits, c.requests)
			}
		})
	}
}
