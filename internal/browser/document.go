package browser

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/secret"
)

// Document is a header that the browser sends with every top-level navigation and
// redirect to one host, but not with other requests of a page and not to other hosts.
type Document struct {
	Host  string
	Name  string
	Value func(ctx context.Context, address string) (secret.Text, error)
}

// headersFor returns all headers of a paused request including the one of d, or nil if d
// does not apply, which leaves the headers unchanged. They apply to one hop, because a
// redirect is paused again.
func (d *Document) headersFor(tab context.Context, log *slog.Logger, e *fetch.EventRequestPaused) []*fetch.HeaderEntry {
	if d == nil || !d.isFor(tab, e) {
		return nil
	}
	value, err := d.Value(tab, e.Request.URL)
	if err != nil {
		log.Debug("a document is loaded without the header of the device", "error", err)
		return nil
	}
	return append(entries(e), &fetch.HeaderEntry{Name: d.Name, Value: value.Reveal()})
}

// entries returns the headers of a paused request.
func entries(e *fetch.EventRequestPaused) []*fetch.HeaderEntry {
	var headers []*fetch.HeaderEntry
	for name, text := range e.Request.Headers {
		headers = append(headers, &fetch.HeaderEntry{Name: name, Value: fmt.Sprint(text)})
	}
	return headers
}

// isFor reports whether a request goes to the host and loads the top-level page, rather
// than a frame or data for a script.
func (d *Document) isFor(tab context.Context, e *fetch.EventRequestPaused) bool {
	if e.ResourceType != network.ResourceTypeDocument {
		return false
	}
	u, err := url.Parse(e.Request.URL)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Host != d.Host {
		return false
	}
	top := chromedp.FromContext(tab).Target
	return top != nil && string(e.FrameID) == string(top.TargetID)
}

// headerEntries converts the headers of a response.
func headerEntries(header http.Header) []*fetch.HeaderEntry {
	var list []*fetch.HeaderEntry
	for name, values := range header {
		for _, value := range values {
			list = append(list, &fetch.HeaderEntry{Name: name, Value: value})
		}
	}
	return list
}
