package fakecloud

import "net/http"

// serveSignin plays AWS's sign-in site, which must never see an assertion:
// what arrives here is counted. Its other half is serveFederation.
func (c *Cloud) serveSignin(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/federation" {
		c.serveFederation(w, r)
		return
	}
	if err := r.ParseForm(); err == nil && r.PostForm.Has("SAMLResponse") {
		c.mu.Lock()
		c.posted++
		c.mu.Unlock()
	}
	http.Error(w, "this is AWS's sign-in site: no assertion should come here", http.StatusForbidden)
}

// Posted returns how many assertions reached AWS's sign-in site.
func (c *Cloud) Posted() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.posted
}
