package openurl

import (
	"net"
	"net/http"
	"net/netip"
)

// foreignUser reports whether a request comes from another user, or from a client that
// has disconnected and would only use up the address. Root and the user who invoked sudo
// do not count as other users. Only Linux can identify the user.
func foreignUser(r *http.Request) bool {
	near, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	far, err := netip.ParseAddrPort(r.RemoteAddr)
	return ok && err == nil && foreign(near, net.TCPAddrFromAddrPort(far))
}
