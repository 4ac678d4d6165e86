package browser

import (
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// answerChallenges sends the proxy password, which the browser then uses for all
// requests. It does not send passwords to servers: a headless browser then shows the page
// of the rejected request, and a visible one prompts.
func (p *page) answerChallenges() error {
	return chromedp.ListenBrowser(p.tab, func(event any) {
		if e, ok := event.(*fetch.EventAuthRequired); ok {
			go p.answerChallenge(e)
		}
	})
}

func (p *page) answerChallenge(e *fetch.EventAuthRequired) {
	response := &fetch.AuthChallengeResponse{Response: fetch.AuthChallengeResponseResponseCancelAuth}
	switch {
	case e.AuthChallenge != nil && e.AuthChallenge.Source == fetch.AuthChallengeSourceProxy && !p.proxyPassword.IsZero():
		response = &fetch.AuthChallengeResponse{
			Response: fetch.AuthChallengeResponseResponseProvideCredentials,
			Username: "o365aws", Password: p.proxyPassword.Reveal(),
		}
	case p.visible:
		response.Response = fetch.AuthChallengeResponseResponseDefault
	}
	_, err := chromedp.CallBrowser(
		p.tab, fetch.ContinueWithAuth,
		fetch.ContinueWithAuthParams{RequestID: e.RequestID, AuthChallengeResponse: response},
	)
	if err != nil && p.tab.Err() == nil {
		p.log.Debug("authentication challenge not answered", "error", firstLine(err))
	}
}
