package browser

import (
	"strings"
	"sync"

	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/entra"
)

// answers remembers what background requests of the page said of a request
// that was sent to a person: the number to tap stands there, whatever the page
// calls its elements.
type answers struct {
	mu    sync.Mutex
	begun entra.Begun
}

func (a *answers) get() entra.Begun {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.begun
}

func (a *answers) set(b entra.Begun) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.begun = b
}

// listen reads the answers of interest as they arrive.
func (p *page) listen() error {
	waiting := map[network.RequestID]bool{} // of the one goroutine that calls the listener
	arrived := make(chan network.RequestID, 16)
	err := chromedp.Listen(p.tab, func(event any) {
		switch e := event.(type) {
		case *cdppage.EventFrameNavigated:
			if e.Frame.ParentID == "" {
				p.answers.set(entra.Begun{}) // what another document began is over
			}
		case *network.EventResponseReceived:
			if e.Response != nil && entra.BeginsRequest(e.Response.URL) {
				waiting[e.RequestID] = true
			}
		case *network.EventLoadingFailed:
			if e.Type == network.ResourceTypeDocument {
				p.failure.Store(strings.TrimPrefix(e.ErrorText, "net::"))
			}
		case *network.EventLoadingFinished:
			if waiting[e.RequestID] {
				delete(waiting, e.RequestID)
				select {
				case arrived <- e.RequestID:
				default: // the page shows the number as well
				}
			}
		}
	})
	if err != nil {
		return err
	}
	go func() {
		for {
			select {
			case id := <-arrived:
				p.read(id)
			case <-p.tab.Done():
				return
			}
		}
	}()
	_, err = chromedp.Call(p.tab, network.Enable, network.EnableParams{})
	return err
}

func (p *page) read(id network.RequestID) {
	result, err := chromedp.Call(p.tab, network.GetResponseBody, network.GetResponseBodyParams{RequestID: id})
	if err != nil {
		p.log.Debug("an answer of the page could not be read", "error", firstLine(err))
		return
	}
	if begun, ok := entra.ReadBegun(result.Body); ok {
		p.answers.set(begun)
		p.tell()
	}
}
