package browser

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/entra"
)

// Certificates prevents a headless browser from presenting a client certificate. By
// default, it would wait for the user to select one if the user has any, or present one
// if the policy AutoSelectCertificateForUrls is set.
type Certificates struct {
	Asks   func(host string) bool // reports whether a server requests a certificate
	Client *http.Client           // sends the requests
}

const (
	certificateLimit = 30 * time.Second
	maxDocument      = 4 << 20
)

func (c Certificates) isFor(e *fetch.EventRequestPaused) bool {
	return c.Asks != nil && e.ResourceType == network.ResourceTypeDocument && c.Asks(hostOf(e.Request.URL))
}

// withoutCertificate sends a paused request without the browser and passes the response
// to the browser.
func (p *page) withoutCertificate(e *fetch.EventRequestPaused) {
	response, err := p.send(e)
	if err == nil {
		_, err = chromedp.CallBrowser(p.tab, fetch.FulfillRequest, response)
	} else {
		p.log.Debug("request without a certificate failed", "error", firstLine(err))
		fail := fetch.FailRequestParams{RequestID: e.RequestID, ErrorReason: network.ErrorReasonConnectionFailed}
		_, err = chromedp.CallBrowser(p.tab, fetch.FailRequest, fail)
	}
	if err != nil && p.tab.Err() == nil {
		p.log.Debug("paused request not answered", "error", firstLine(err))
	}
}

func (p *page) send(e *fetch.EventRequestPaused) (fetch.FulfillRequestParams, error) {
	ctx, cancel := context.WithTimeout(p.tab, certificateLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, e.Request.Method, e.Request.URL, bytes.NewReader(p.body(e)))
	if err != nil {
		return fetch.FulfillRequestParams{}, err
	}
	for _, h := range entries(e) {
		request.Header.Set(h.Name, h.Value)
	}
	p.fingerprint.SetHeaders(request.Header)
	urls := []string{e.Request.URL}
	held, err := chromedp.Call(p.tab, network.GetCookies, network.GetCookiesParams{URLs: urls})
	if err != nil {
		return fetch.FulfillRequestParams{}, err
	}
	for _, c := range held.Cookies {
		request.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	client := *p.certificates.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Jar = nil
	response, err := client.Do(request)
	if err != nil {
		return fetch.FulfillRequestParams{}, entra.WithoutURL(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	if err == nil && len(body) > maxDocument {
		err = errors.New("the response is too large")
	}
	response.Header.Del("Content-Length")
	return fetch.FulfillRequestParams{
		RequestID: e.RequestID, ResponseCode: int64(response.StatusCode),
		ResponseHeaders: headerEntries(response.Header),
		Body:            body,
	}, err
}
