package network

import (
	"fmt"
	"net/http"
)

// maxRedirects is how often an answer may lead on.
const maxRedirects = 5

// NoRedirects returns a client like the given one that follows no redirect: a
// server that answers 307 would get the body, and the token, sent elsewhere.
func NoRedirects(client *http.Client) *http.Client {
	none := *client
	none.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &none
}

// HTTPSOnly returns a client like the given one that is led to https addresses
// alone: who sits on the way could change what comes over http.
func HTTPSOnly(client *http.Client) *http.Client {
	only := *client
	only.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if r.URL.Scheme != "https" || len(via) > maxRedirects {
			return fmt.Errorf("redirected to %s://%s", r.URL.Scheme, r.URL.Host)
		}
		return nil
	}
	return &only
}
