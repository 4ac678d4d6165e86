package network

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHTTPSOnly(t *testing.T) {
	var plain *httptest.Server
	reached := false
	plain = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer plain.Close()
	mux := http.NewServeMux()
	mux.Handle("/to-plain", http.RedirectHandler(plain.URL, http.StatusFound))
	mux.Handle("/to-end", http.RedirectHandler("/end", http.StatusFound))
	mux.Handle("/loop", http.RedirectHandler("/loop", http.StatusFound))
	mux.HandleFunc("/end", func(http.ResponseWriter, *http.Request) {})
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	client := HTTPSOnly(server.Client())
	for path, want := range map[string]string{"/to-plain": "redirected to http://", "/to-end": "", "/loop": "redirected to https://"} {
		t.Run(path, func(t *testing.T) {
			reply, err := client.Get(server.URL + path)
			if err == nil {
				_ = reply.Body.Close()
			}
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", path, err)
			}
		})
	}
	if reached {
		t.Error("a request was sent to an http URL")
	}
	if server.Client().CheckRedirect != nil {
		t.Error("the given client was changed")
	}
}
