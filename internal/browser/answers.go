package browser

import (
	"strings"
	"sync"

	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/entra"
)

// answers holds the data about phone requests and codes from the responses to background
// requests: the number to enter in the app and the reason for a rejection. It does not
// depend on element names.
type answers struct {
	mu      sync.Mutex
	begun   entra.Begun
	verdict string
}

func (a *answers) get() (begun entra.Begun, verdict string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.begun, a.verdict
}

func (a *answers) set(b entra.Begun) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.begun, a.verdict = b, ""
}

// judge stores the server's verdict on a code, and reports whether it is new.
func (a *answers) judge(verdict string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	was := a.verdict
	a.verdict = verdict
	return was != verdict
}

// listen reads relevant responses as they arrive.
func (p *page) listen() error {
	waiting := map[network.RequestID]answer{} // used only by the goroutine that calls the listener
	arrived := make(chan answer, 16)
	err := chromedp.Listen(p.tab, func(event any) {
		switch e := event.(type) {
		case *cdppage.EventFrameNavigated:
			if e.Frame.ParentID == "" {
				p.answers.set(entra.Begun{}) // it belonged to the previous document
			}
		case *network.EventResponseReceived:
			if e.Response == nil {
				return
			}
			a := answer{e.RequestID, entra.BeginsRequest(e.Response.URL)}
			if a.begins || entra.JudgesCode(e.Response.URL) {
				waiting[e.RequestID] = a
			}
		case *network.EventLoadingFailed:
			if e.Type == network.ResourceTypeDocument {
				p.failure.Store(strings.TrimPrefix(e.ErrorText, "net::"))
			}
		case *network.EventLoadingFinished:
			if a, ok := waiting[e.RequestID]; ok {
				delete(waiting, e.RequestID)
				select {
				case arrived <- a:
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
			case a := <-arrived:
				p.read(a)
			case <-p.tab.Done():
				return
			}
		}
	}()
	_, err = chromedp.Call(p.tab, network.Enable, network.EnableParams{})
	return err
}

// answer is a relevant response: it starts a phone request or contains the verdict on a
// code.
type answer struct {
	id     network.RequestID
	begins bool
}

func (p *page) read(a answer) {
	result, err := chromedp.Call(p.tab, network.GetResponseBody, network.GetResponseBodyParams{RequestID: a.id})
	if err != nil {
		p.log.Debug("an answer of the page could not be read", "error", firstLine(err))
		return
	}
	if !a.begins {
		if verdict, ok := entra.ReadVerdict(result.Body); ok && p.answers.judge(verdict) {
			p.tell()
		}
		return
	}
	if begun, ok := entra.ReadBegun(result.Body); ok {
		p.answers.set(begun)
		p.tell()
	}
}
