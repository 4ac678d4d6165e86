package network

import (
	"fmt"
	"net/http"
)

// maxRedirects is the maximum number of redirects.
const maxRedirects = 5

// NoRedirects returns a copy of the client that does not follow redirects: a 307 would
// send the body and the token to another server.
func NoRedirects(client *http.Client) *http.Client {
	none := *client
	none.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &none
}

// HTTPSOnly returns a copy of the client that follows redirects to https URLs only: an
// attacker on the network could change a response over http.
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
