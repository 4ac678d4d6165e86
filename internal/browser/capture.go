package browser

import (
	"bytes"
	"net/url"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// acsPatterns are wide nets; saml.IsACS decides.
var acsPatterns = []*fetch.RequestPattern{
	{URLPattern: "https://*signin.aws.amazon.com*"},
	{URLPattern: "https://*signin.amazonaws-us-gov.com*"},
	{URLPattern: "https://*signin.amazonaws.cn*"},
}

// capture stops every request to AWS's sign-in hosts before it leaves, and
// takes the assertion from the POST among them. It is on before the first
// navigation, because a live session answers it at once.
func (p *page) capture() error {
	paused := make(chan *fetch.EventRequestPaused, 16)
	err := chromedp.Listen(p.tab, func(event any) {
		if e, ok := event.(*fetch.EventRequestPaused); ok {
			select {
			case paused <- e:
			default: // more requests than a sign-in has: they stay paused
			}
		}
	})
	if err != nil {
		return err
	}
	go func() {
		for {
			select {
			case e := <-paused:
				p.take(e)
			case <-p.tab.Done():
				return
			}
		}
	}()
	_, err = chromedp.Call(p.tab, fetch.Enable, fetch.EnableParams{Patterns: acsPatterns})
	return err
}

// take reads the assertion from a paused request and ends the request.
func (p *page) take(e *fetch.EventRequestPaused) {
	assertion := p.assertion(e)
	_, err := chromedp.Call(p.tab, fetch.FailRequest, fetch.FailRequestParams{RequestID: e.RequestID, ErrorReason: network.ErrorReasonAborted})
	if err != nil && p.tab.Err() == nil {
		p.log.Debug("request to AWS not ended", "error", firstLine(err))
	}
	if assertion == "" {
		return
	}
	select {
	case p.captured <- secret.New(assertion):
	default: // the first one counts
	}
}

func (p *page) assertion(e *fetch.EventRequestPaused) string {
	target, err := url.Parse(e.Request.URL)
	if err != nil || e.Request.Method != "POST" || !saml.IsACS(target) {
		return ""
	}
	form, err := url.ParseQuery(string(p.body(e)))
	if err != nil {
		p.log.Debug("the form for AWS could not be read")
		return ""
	}
	return form.Get("SAMLResponse")
}

// body returns the form. A large one may be missing from the event.
func (p *page) body(e *fetch.EventRequestPaused) []byte {
	var body bytes.Buffer
	for _, entry := range e.Request.PostDataEntries {
		body.Write(entry.Bytes)
	}
	if body.Len() > 0 || !e.Request.HasPostData {
		return body.Bytes()
	}
	result, err := chromedp.Call(p.tab, network.GetRequestPostData, network.GetRequestPostDataParams{RequestID: e.NetworkID})
	if err != nil {
		p.log.Debug("the form for AWS is missing", "error", firstLine(err))
	}
	return []byte(result.PostData)
}
