package browser

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// pause makes the browser hold requests to AWS, and those that match more
// patterns. Where the proxy requires a password it holds every document too,
// because the browser reports challenges only of held requests.
func (p *page) pause(ctx context.Context, more ...string) error {
	var list []*fetch.RequestPattern
	for _, domain := range saml.SignInDomains() { // of all partitions, whatever the profile says
		list = append(list, &fetch.RequestPattern{URLPattern: "https://*" + domain + "*"})
	}
	list = append(list, &fetch.RequestPattern{ // sign-in hosts with the region in the middle
		URLPattern: "https://signin*", ResourceType: network.ResourceTypeDocument,
	})
	for _, pattern := range more {
		list = append(list, &fetch.RequestPattern{URLPattern: pattern})
	}
	if p.header != nil {
		list = append(list, &fetch.RequestPattern{
			URLPattern: "https://" + p.header.Host + "/*", ResourceType: network.ResourceTypeDocument,
		})
	}
	asks := !p.proxyPassword.IsZero()
	if asks {
		list = append(list, &fetch.RequestPattern{URLPattern: "https://*", ResourceType: network.ResourceTypeDocument})
	}
	_, err := chromedp.Call(ctx, fetch.Enable, fetch.EnableParams{Patterns: list, HandleAuthRequests: &asks})
	return err
}

// capture stops every request to AWS's sign-in hosts before it leaves, and
// takes the assertion from the POST among them. It is on before the first
// navigation, because a live session answers it at once.
func (p *page) capture() error {
	paused := make(chan *fetch.EventRequestPaused, 64)
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
	return p.pause(p.tab)
}

// take reads the assertion from a paused request to AWS, and ends the request
// as it ends all others but documents on their way to other hosts.
func (p *page) take(e *fetch.EventRequestPaused) {
	if e.ResourceType == network.ResourceTypeDocument && !toAWS(e.Request.URL) {
		_, err := chromedp.Call(
			p.tab, fetch.ContinueRequest,
			fetch.ContinueRequestParams{RequestID: e.RequestID, Headers: p.header.headersFor(p.tab, p.log, e)},
		)
		if err != nil && p.tab.Err() == nil {
			p.log.Debug("paused request not continued", "error", firstLine(err))
		}
		return
	}
	assertion := p.assertion(e)
	_, err := chromedp.Call(
		p.tab, fetch.FailRequest,
		fetch.FailRequestParams{RequestID: e.RequestID, ErrorReason: network.ErrorReasonAborted},
	)
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

// body returns the form. A large one may be missing from the event.
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
		p.log.Debug("the form for AWS is missing", "error", firstLine(err))
	}
	return []byte(result.PostData)
}
