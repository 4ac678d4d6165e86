package browser

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// hold makes the browser pause requests to AWS from every target: tabs, frames, workers.
// A headless browser pauses all requests: it reports an authentication challenge only for
// paused ones and would otherwise prompt for a password, and some requests need other
// headers. A visible browser also pauses documents if they need a header or if the proxy
// requires a password.
func (p *page) hold() error {
	var list []*fetch.RequestPattern
	for _, domain := range saml.SignInDomains() { // of all partitions, regardless of the profile
		list = append(list, &fetch.RequestPattern{URLPattern: "*://*" + domain + "*"})
	}
	list = append(list, &fetch.RequestPattern{ // sign-in hosts with the region in the middle
		URLPattern: "*://signin*", ResourceType: network.ResourceTypeDocument,
	})
	challenges := !p.visible || !p.proxyPassword.IsZero()
	switch {
	case !p.visible:
		list = append(list, &fetch.RequestPattern{URLPattern: "*"})
	case challenges || p.header != nil:
		list = append(list, &fetch.RequestPattern{URLPattern: "*", ResourceType: network.ResourceTypeDocument})
	}
	_, err := chromedp.CallBrowser(
		p.tab, fetch.Enable, fetch.EnableParams{Patterns: list, HandleAuthRequests: &challenges},
	)
	return err
}

// capture blocks every request to the sign-in hosts of AWS and reads the assertion from
// the POST. It starts before the first navigation, because with a live session the first
// page already leads to AWS.
func (p *page) capture() error {
	paused := make(chan *fetch.EventRequestPaused, 64)
	err := chromedp.ListenBrowser(p.tab, func(event any) {
		if e, ok := event.(*fetch.EventRequestPaused); ok {
			select {
			case paused <- e:
			default: // the queue is full; the listener must not block
				go p.take(e)
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
	return p.hold()
}

// take reads the assertion from a paused request to AWS and aborts the request. It also
// aborts blocked requests, and continues all others.
func (p *page) take(e *fetch.EventRequestPaused) {
	if p.received.answer(p, e) {
		return
	}
	if !p.visible && p.certificates.isFor(e) {
		go p.withoutCertificate(e)
		return
	}
	if !toAWS(e.Request.URL) && !p.blocks(e.Request.URL) {
		_, err := chromedp.CallBrowser(
			p.tab, fetch.ContinueRequest,
			fetch.ContinueRequestParams{RequestID: e.RequestID, Headers: p.headers(e)},
		)
		if err != nil && p.tab.Err() == nil {
			p.log.Debug("paused request not continued", "error", firstLine(err))
		}
		return
	}
	assertion := p.assertion(e)
	_, err := chromedp.CallBrowser(
		p.tab, fetch.FailRequest,
		fetch.FailRequestParams{RequestID: e.RequestID, ErrorReason: network.ErrorReasonAborted},
	)
	if err != nil && p.tab.Err() == nil {
		p.log.Debug("request not stopped", "error", firstLine(err))
	}
	if assertion == "" {
		return
	}
	select {
	case p.captured <- secret.New(assertion):
	default: // only the first one is used
	}
}

func (p *page) blocks(address string) bool { return p.blocked != nil && p.blocked(address) }

func toAWS(address string) bool {
	host := hostOf(address)
	return saml.IsSignInHost(host) ||
		slices.ContainsFunc(saml.SignInDomains(), func(domain string) bool { return strings.Contains(host, domain) })
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

// body returns the body of a paused request. A large body may be missing from the event.
func (p *page) body(e *fetch.EventRequestPaused) []byte {
	var body bytes.Buffer
	for _, entry := range e.Request.PostDataEntries {
		body.Write(entry.Bytes)
	}
	if body.Len() > 0 || !e.Request.HasPostData {
		return body.Bytes()
	}
	result, err := chromedp.Call(
		p.tab, network.GetRequestPostData, network.GetRequestPostDataParams{RequestID: e.NetworkID},
	)
	if err != nil {
		p.log.Debug("cannot read the body of a paused request", "error", firstLine(err))
	}
	return []byte(result.PostData)
}
