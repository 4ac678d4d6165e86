// Package loopback receives the SAML response of a sign-in in the user's own browser. Its
// local listener is the reply URL of the application, as with the drivers of Amazon
// Redshift and Athena. It is independent of Microsoft's pages and of the browser: it
// waits for one response.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/openurl"
	"github.com/o365aws/o365aws/internal/secret"
)

// probeLimit is the time limit of the check whether another program is listening.
const probeLimit = 250 * time.Millisecond

// Listener receives a response at a reply URL. Create it with Listen and close it after
// use.
type Listener struct {
	reply   string // reply URL as configured in the application
	host    string // host:port in lower case, as sent by browsers
	path    string
	sockets []net.Listener
	lead    *openurl.Redirect // nil for none
}

// Listen starts a listener at a reply URL, on loopback addresses only. A port in use is
// an error, because the other program could receive the assertion.
func Listen(replyURL string) (*Listener, error) {
	u, err := url.Parse(replyURL)
	if err != nil || u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		addresses(u.Hostname()) == nil {
		return nil, fault.Newf(fault.Config, "o365aws_reply_url %q is not the URL of a listener on this machine", replyURL).
			Hint("use a URL such as http://localhost:8365/saml, exactly as one of the application's Reply URLs")
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	l := &Listener{reply: replyURL, host: strings.ToLower(u.Host), path: u.EscapedPath()}
	if l.path == "" {
		l.path = "/"
	}
	for _, ip := range addresses(u.Hostname()) {
		address := net.JoinHostPort(ip, port)
		socket, inUse, err := listen(address)
		switch {
		case inUse:
			l.Close()
			return nil, portInUse(port)
		case err == nil:
			l.sockets = append(l.sockets, socket)
		case ip != "127.0.0.1" && len(l.sockets) > 0: // a machine without IPv6
		default:
			l.Close()
			return nil, fault.Wrap(fault.Config, err, fmt.Sprintf("cannot listen at %s", address),
				"set o365aws_reply_url to another port, and add that URL to the application's Reply URLs")
		}
	}
	return l, nil
}

// Lead returns an address of the listener that redirects a browser once to to, an address
// that names the user and the request.
func (l *Listener) Lead(to string, random io.Reader) (string, error) {
	lead, err := openurl.NewRedirect(secret.New(to), random)
	if err != nil {
		return "", err
	}
	l.lead = lead
	return "http://" + l.host + lead.Path(), nil
}

// Led reports whether a browser has followed the redirect.
func (l *Listener) Led() bool { return l.lead != nil && l.lead.Used() }

// addresses returns the addresses that a browser may try for a host, or nil if the host
// is not this machine.
func addresses(host string) []string {
	switch strings.ToLower(host) {
	case "localhost":
		return []string{"127.0.0.1", "::1"}
	case "127.0.0.1", "::1":
		return []string{host}
	}
	return nil
}

// listen returns a socket, or reports that the address is in use. It tries to connect
// first: some systems let two programs listen on the same port if one of them listens on
// all addresses.
func listen(address string) (socket net.Listener, inUse bool, err error) {
	if conn, err := net.DialTimeout("tcp", address, probeLimit); err == nil {
		_ = conn.Close()
		return nil, true, nil
	}
	config := net.ListenConfig{Control: exclusive}
	socket, err = config.Listen(context.Background(), "tcp", address)
	return socket, errors.Is(err, syscall.EADDRINUSE), err
}

func portInUse(port string) error {
	return fault.Newf(fault.Config, "port %s of this machine is in use: another program could receive the sign-in", port).
		Hint("stop the other sign-in or program, then try again").
		Hint("or set o365aws_reply_url to another port, and add that URL to the application's Reply URLs")
}

// Port returns the port of the listener.
func (l *Listener) Port() int { return l.sockets[0].Addr().(*net.TCPAddr).Port }

// Close stops listening.
func (l *Listener) Close() {
	for _, s := range l.sockets {
		_ = s.Close()
	}
}
