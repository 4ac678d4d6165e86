package browser

import (
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// signInToProxy shows the proxy its password when it asks. The browser keeps
// it from then on, for whatever it loads. A web server that asks for one gets
// none.
func (p *page) signInToProxy() error {
	if p.proxyPassword.IsZero() {
		return nil
	}
	return chromedp.Listen(p.tab, func(event any) {
		if e, ok := event.(*fetch.EventAuthRequired); ok {
			go p.answerChallenge(e)
		}
	})
}

func (p *page) answerChallenge(e *fetch.EventAuthRequired) {
	response := &fetch.AuthChallengeResponse{Response: fetch.AuthChallengeResponseResponseDefault}
	if e.AuthChallenge != nil && e.AuthChallenge.Source == fetch.AuthChallengeSourceProxy {
		response = &fetch.AuthChallengeResponse{
			Response: fetch.AuthChallengeResponseResponseProvideCredentials,
			Username: "o365aws", Password: p.proxyPassword.Reveal(),
		}
	}
	_, err := chromedp.Call(
		p.tab, fetch.ContinueWithAuth,
		fetch.ContinueWithAuthParams{RequestID: e.RequestID, AuthChallengeResponse: response},
	)
	if err != nil && p.tab.Err() == nil {
		p.log.Debug("the proxy's question not answered", "error", firstLine(err))
	}
}
