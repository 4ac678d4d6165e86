package network

import (
	"fmt"
	"net/http"
)

// maxRedirects is how often an answer may lead on.
const maxRedirects = 5

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
