package credserver

import (
	"net/http"
	"testing"
)

// A forwarded port is served under its own host name, and no other name is.
func TestForwardedHost(t *testing.T) {
	server, uri, token := start(t, newSource())
	if server.Token().Reveal() != token {
		t.Error("Token is not the token of the environment")
	}
	as := func(host string) int {
		status, _ := ask(t, "GET", uri, func(r *http.Request) {
			r.Header.Set("Authorization", token)
			r.Host = host
		})
		return status
	}
	if got := as("127.0.0.1:40000"); got != http.StatusForbidden {
		t.Errorf("before: got status %d, want %d", got, http.StatusForbidden)
	}
	server.Allow("127.0.0.1:40000")
	for host, want := range map[string]int{
		"127.0.0.1:40000": 200, "127.0.0.1:" + server.Port(): 200, "127.0.0.1:40001": 403, "evil.example:40000": 403,
	} {
		if got := as(host); got != want {
			t.Errorf("%s: got status %d, want %d", host, got, want)
		}
	}
}
