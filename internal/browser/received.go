package browser

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/entra"
)

// received holds responses from a sign-in over HTTP. The browser receives them instead of
// repeating the requests.
type received struct {
	mu      sync.Mutex
	replies []entra.Reply
}

// Continue loads the page at which a sign-in over HTTP stopped.
func (b *Browser) Continue(ctx context.Context, stopped *entra.NeedsBrowser) error {
	r := &b.page.received
	r.mu.Lock()
	r.replies = slices.Clone(stopped.Replies)
	r.mu.Unlock()
	return b.page.Navigate(ctx, stopped.Address)
}

// take returns the response to a request, once.
func (r *received) take(request *fetch.EventRequestPaused) (entra.Reply, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	address := request.Request.URL
	path, _, _ := strings.Cut(address, "?")
	i := slices.IndexFunc(r.replies, func(reply entra.Reply) bool {
		return reply.Method == request.Request.Method && (reply.URL == address || reply.URL == path)
	})
	if i < 0 {
		return entra.Reply{}, false
	}
	reply := r.replies[i]
	r.replies = slices.Delete(r.replies, i, i+1)
	return reply, true
}

// answer fulfills a paused request with its saved response, if there is one.
func (r *received) answer(p *page, e *fetch.EventRequestPaused) bool {
	reply, ok := r.take(e)
	if !ok {
		return false
	}
	_, err := chromedp.CallBrowser(p.tab, fetch.FulfillRequest, fetch.FulfillRequestParams{
		RequestID: e.RequestID, ResponseCode: int64(reply.Status), ResponseHeaders: headerEntries(reply.Header),
		Body: reply.Body,
	})
	if err != nil && p.tab.Err() == nil {
		p.log.Debug("received page not shown", "error", firstLine(err))
	}
	return true
}
