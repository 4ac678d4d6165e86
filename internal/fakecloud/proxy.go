package fakecloud

import (
	"crypto/tls"
	"encoding/base64"
	"net"
	"net/http"
	"sync"
	"time"
)

// Credentials of the proxy in the scenario proxy-password. The password contains
// characters that a URL must escape.
const (
	ProxyUser     = "ada"
	ProxyPassword = "prox:y p@ss/wörd"
)

var proxyCredentials = "Basic " + base64.StdEncoding.EncodeToString([]byte(ProxyUser+":"+ProxyPassword))

// serveProxy handles CONNECT like a proxy that inspects TLS: it terminates the tunnel
// itself, with its own certificate for the requested host. It refuses hosts that the
// emulator does not implement and records them as stray.
func (c *Cloud) serveProxy(w http.ResponseWriter, r *http.Request) {
	if c.opts.Scenario == "proxy-password" && r.Header.Get("Proxy-Authorization") != proxyCredentials {
		w.Header().Set("Proxy-Authenticate", `Basic realm="company"`)
		http.Error(w, "the proxy wants a user name and a password", http.StatusProxyAuthRequired)
		return
	}
	if r.Method != http.MethodConnect && r.URL.Scheme == "http" && r.URL.Port() == "" && hostOnly(r.Host) == ADFSHost {
		c.ServeHTTP(w, r) // a request of a browser without TLS
		return
	}
	host, port, err := net.SplitHostPort(r.Host)
	if r.Method != http.MethodConnect || err != nil || port != "443" || c.handlerFor(hostOnly(host)) == nil {
		c.recorded(w, r, true, func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "fakecloud does not play this host", http.StatusBadGateway)
		})
		return
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "no tunnel", http.StatusInternalServerError)
		return
	}
	_ = conn.SetDeadline(time.Time{})
	if buffered.Reader.Buffered() > 0 {
		_ = conn.Close() // a client must wait for the response before it starts TLS
		return
	}
	if _, err := conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		_ = conn.Close()
		return
	}
	c.tunnl.offer(tls.Server(conn, c.tlsConfig(hostOnly(host))))
}

// tunnels is a listener whose connections are the ends of proxy tunnels.
type tunnels struct {
	addr   net.Addr
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newTunnels() *tunnels {
	return &tunnels{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (t *tunnels) offer(conn net.Conn) {
	select {
	case t.conns <- conn:
	case <-t.closed:
		_ = conn.Close()
	}
}

// Accept implements net.Listener.
func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case conn := <-t.conns:
		return conn, nil
	case <-t.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (t *tunnels) Close() error {
	t.once.Do(func() { close(t.closed) })
	return nil
}

// Addr implements net.Listener.
func (t *tunnels) Addr() net.Addr { return t.addr }
