package openurl

import (
	"net"
	"net/http"
	"net/netip"
)

// foreignUser reports whether a request is known to be another user's. Root, who
// may do as anybody, is none, nor is to root who called sudo; where a system
// does not tell, nobody is. Who has hung up already counts as one: they could
// only use up what is there for somebody else.
func foreignUser(r *http.Request) bool {
	near, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	far, err := netip.ParseAddrPort(r.RemoteAddr)
	return ok && err == nil && foreign(near, net.TCPAddrFromAddrPort(far))
}
