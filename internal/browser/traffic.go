package browser

import (
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/entra"
)

// traffic tracks what a page is waiting for: pending requests, scripts that failed to
// load, and the status of the document.
type traffic struct {
	now      func() time.Time
	mu       sync.Mutex
	frame    cdp.FrameID  // main frame of the tab
	loader   cdp.LoaderID // of the current document
	host     string       // of that document
	open     map[network.RequestID]request
	statuses map[cdp.LoaderID]int64 // of loading documents and of the current one
	missing  string                 // host of a script of this document that failed to load
	sent     int                    // requests of this document that the user caused
}

type request struct {
	host   string
	kind   network.ResourceType
	loader cdp.LoaderID
	framed time.Time // when a frame of the page sent it; zero for requests of the page itself
	itself bool      // whether the page sends it without the user: a poll or a report
}

// frameLimit is how long a page waits for a frame: Microsoft's page abandons the frame
// that requests a session from Windows after ten seconds. A blocked frame, such as that
// of personal accounts, must not delay the sign-in.
const frameLimit = 12 * time.Second

func (p *page) followTraffic() error {
	p.traffic.open = map[network.RequestID]request{}
	p.traffic.statuses = map[cdp.LoaderID]int64{}
	p.traffic.now = time.Now
	return chromedp.Listen(p.tab, func(event any) {
		p.traffic.mu.Lock()
		defer p.traffic.mu.Unlock()
		p.traffic.note(event)
	})
}

// note processes a browser event. The caller must hold the lock.
func (t *traffic) note(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Request != nil {
			r := request{
				host: hostOf(e.Request.URL), kind: e.Type, loader: e.LoaderID,
				itself: !entra.SentByUser(e.Request.Method, e.Request.URL),
			}
			if t.frame != "" && e.FrameID != t.frame {
				r.framed = t.now()
			}
			t.open[e.RequestID] = r
			if t.caused(e.Request, r) {
				t.sent++
			}
		}
	case *network.EventResponseReceived:
		if e.Response == nil {
			return
		}
		switch {
		case e.Type == network.ResourceTypeDocument && t.frame != "" && e.FrameID != t.frame:
			delete(t.open, e.RequestID) // if its frame gets a separate process, its end is reported to another target
		case e.Type == network.ResourceTypeDocument:
			t.statuses[e.LoaderID] = int64(e.Response.Status)
		case e.Type == network.ResourceTypeScript && e.Response.Status >= 400:
			t.missing = hostOf(e.Response.URL)
		}
	case *network.EventLoadingFinished:
		delete(t.open, e.RequestID)
	case *network.EventLoadingFailed:
		if r, ok := t.open[e.RequestID]; ok && r.kind == network.ResourceTypeScript && !e.Canceled {
			t.missing = r.host
		}
		delete(t.open, e.RequestID)
	case *cdppage.EventFrameNavigated:
		if e.Frame.ParentID == "" {
			t.frame = e.Frame.ID
			t.turn(e.Frame.LoaderID, hostOf(e.Frame.URL))
		}
	}
}

// caused reports whether a request is due to the user: it loads a top-level document, goes
// from the page to its own server in the background, or may notify the user's phone.
func (t *traffic) caused(request *network.Request, r request) bool {
	switch r.kind {
	case network.ResourceTypeDocument:
		return r.framed.IsZero()
	case network.ResourceTypeXHR, network.ResourceTypeFetch:
		return r.framed.IsZero() && !r.itself && (r.host == t.host || entra.BeginsRequest(request.URL))
	}
	return false
}

// turn switches to a new document. Requests of the previous one no longer count.
func (t *traffic) turn(loader cdp.LoaderID, host string) {
	t.loader, t.host, t.missing, t.sent = loader, host, "", 0
	for id, r := range t.open {
		if r.loader != loader {
			delete(t.open, id)
		}
	}
	for id := range t.statuses {
		if id != loader {
			delete(t.statuses, id)
		}
	}
}

// awaits returns the host of a response that the page needs: a document, a script, a
// style sheet, or a background request to its own server. Images, telemetry, polls for an
// approval and, after a while, frames do not count.
func (t *traffic) awaits() string {
	first := ""
	for _, r := range t.open {
		if t.holdsUp(r) && (first == "" || r.host < first) { // always the same one
			first = r.host
		}
	}
	return first
}

func (t *traffic) holdsUp(r request) bool {
	if !r.framed.IsZero() && t.now().Sub(r.framed) > frameLimit {
		return false
	}
	switch r.kind {
	case network.ResourceTypeDocument, network.ResourceTypeScript, network.ResourceTypeStylesheet:
		return true
	case network.ResourceTypeXHR, network.ResourceTypeFetch:
		return r.host == t.host && !r.itself
	}
	return false
}

// state adds the network state to a snapshot.
func (t *traffic) state(snap *entra.Snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	snap.Awaits, snap.Missing, snap.Status, snap.Requests = t.awaits(), t.missing, int(t.statuses[t.loader]), t.sent
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
