package fakecloud

import "net/http"

// serveSignin serves the sign-in site of AWS and counts the assertions that reach it.
// There must be none.
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

// LeakedAssertions returns the number of assertions that reached the sign-in site of AWS.
func (c *Cloud) LeakedAssertions() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.posted
}
