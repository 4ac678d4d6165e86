package fakecloud

import "net/http"

type session struct{}

func (c *Cloud) serveSTS(w http.ResponseWriter, r *http.Request)    { http.NotFound(w, r) }
func (c *Cloud) serveSignin(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }
