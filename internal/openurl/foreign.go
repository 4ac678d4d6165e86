package openurl

import (
	"net"
	"net/http"
	"net/netip"
)

// foreignUser reports whether a request comes from another user, or from a client
// that is gone, as one would be that only wants to use up the address. Root is not
// another user, nor is the user who called sudo. Only Linux tells whose a
// connection is.
func foreignUser(r *http.Request) bool {
	near, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	far, err := netip.ParseAddrPort(r.RemoteAddr)
	return ok && err == nil && foreign(near, net.TCPAddrFromAddrPort(far))
}
