// Package network configures the network: proxy, certificate authorities, and the relay
// of the browser. The relay is a proxy on this machine, for a company's certificate
// authority or a proxy with a password. It verifies each server by Go's rules, including
// the company's authority, and presents a certificate with its own key to the browser.
//
// Chromium has no option to trust an additional authority. It has an option to ignore all
// errors of a chain that contains a given key, but anyone can present the certificate of
// an authority together with a forged one. Therefore the trusted key must be secret: it
// is that of the relay, which exists only as long as the browser.
//
// Every program on this machine can connect to the relay. The relay serves only the
// browser, which has the password, and limits the resources that other programs can use.
package network

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

// RelayOptions configures a Relay. All fields are required.
type RelayOptions struct {
	Roots *x509.CertPool                   // trusted authorities
	Proxy func(*url.URL) (*url.URL, error) // returns the proxy of a host; nil for none
	Log   *slog.Logger
}

// Relay is a running relay. StartRelay creates it; the caller closes it.
type Relay struct {
	o        RelayOptions
	listener net.Listener
	key      *ecdsa.PrivateKey
	spki     string
	password string
	open     sync.WaitGroup
	ctx      context.Context // ends with Close
	end      context.CancelFunc

	mu        sync.Mutex
	conns     map[net.Conn]bool
	waiting   []net.Conn // accepted, not yet authenticated; the oldest first
	closed    bool
	untrusted error // reason why the first untrusted server was refused
	unreached error // reason of the last failure to reach a server
}

// StartRelay listens on a random port of this machine's loopback address.
func StartRelay(o RelayOptions) (*Relay, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key of the relay: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("key of the relay: %w", err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	sum := sha256.Sum256(public)
	r := &Relay{
		o: o, listener: listener, key: key, spki: base64.StdEncoding.EncodeToString(sum[:]), password: rand.Text(), conns: map[net.Conn]bool{},
	}
	r.ctx, r.end = context.WithCancel(context.Background())
	r.open.Go(r.accept)
	return r, nil
}

// URL returns the proxy URL for the browser.
func (r *Relay) URL() string { return "http://" + r.listener.Addr().String() }

// SPKI returns the SHA-256 of the relay's public key, in base64.
func (r *Relay) SPKI() string { return r.spki }

// Password returns the password that the browser must send, with any user name.
func (r *Relay) Password() secret.Text { return secret.New(r.password) }

// Untrusted returns the reason why a server was refused, or nil if none was.
func (r *Relay) Untrusted() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.untrusted
}

// Unreached returns the reason why a server was not reached, or nil if all were.
func (r *Relay) Unreached() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.unreached
}

// Close closes the listener and all connections, and waits until they have ended.
func (r *Relay) Close() error {
	r.end()
	r.mu.Lock()
	r.closed = true
	for conn := range r.conns {
		_ = conn.Close()
	}
	r.mu.Unlock()
	err := r.listener.Close()
	r.open.Wait()
	return err
}

func (r *Relay) accept() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		if r.keep(conn) {
			r.wait(conn)
			r.open.Go(func() {
				defer r.drop(conn)
				if err := r.serve(conn); err != nil {
					r.o.Log.Debug("relay", "error", err)
				}
			})
		}
	}
}

// keep records a connection for Close. It returns false after Close.
func (r *Relay) keep(conn net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		_ = conn.Close()
		return false
	}
	r.conns[conn] = true
	return true
}

func (r *Relay) drop(conn net.Conn) {
	r.admit(conn)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, conn)
	_ = conn.Close()
}

// Limits for programs without the password.
const (
	maxWaiting = 64       // connections
	maxHead    = 16 << 10 // bytes in the head of a request
)

// wait counts a connection that has not authenticated yet. Above the limit, it closes the
// oldest one, because the browser authenticates immediately.
func (r *Relay) wait(conn net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting = append(r.waiting, conn); len(r.waiting) > maxWaiting {
		_ = r.waiting[0].Close()
		r.waiting = r.waiting[1:]
	}
}

// admit removes an authenticated connection from the count.
func (r *Relay) admit(conn net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = slices.DeleteFunc(r.waiting, func(c net.Conn) bool { return c == conn })
}

// patience is the time limit for everything before the first byte of a page.
const patience = 30 * time.Second

// serve handles one CONNECT. It connects to the server before it replies to the browser,
// and verifies the server before it presents a certificate.
func (r *Relay) serve(conn net.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	limited := &io.LimitedReader{R: conn, N: maxHead}
	reader := bufio.NewReader(limited)
	request, err := http.ReadRequest(reader)
	if err != nil {
		return nil // the browser has closed a spare connection
	}
	if request.Method != http.MethodConnect {
		return answer(conn, http.StatusForbidden) // no part of a sign-in is sent without TLS
	}
	if !r.serves(request) {
		return answer(conn, http.StatusProxyAuthRequired)
	}
	r.admit(conn)
	limited.N = math.MaxInt64
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	far, err := r.dial(ctx, request.Host)
	if err != nil {
		r.missed(request.URL.Hostname(), err)
		return errors.Join(err, answer(conn, http.StatusBadGateway))
	}
	if !r.keep(far) {
		return nil
	}
	defer r.drop(far)
	if err := answer(conn, http.StatusOK); err != nil {
		return err
	}
	near, upstream, err := r.handshakes(ctx, buffered{conn, reader}, far, request.URL.Hostname())
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(upstream, near)
		_ = upstream.CloseWrite()
	}()
	_, _ = io.Copy(near, upstream)
	_ = near.CloseWrite()
	_ = conn.Close() // ends the other direction too
	<-done
	return nil
}

// serves reports whether a request comes from the browser (RFC 7617), which sends the
// password after a challenge.
func (r *Relay) serves(request *http.Request) bool {
	encoded, _ := strings.CutPrefix(request.Header.Get("Proxy-Authorization"), "Basic ")
	pair, err := base64.StdEncoding.DecodeString(encoded)
	_, password, found := strings.Cut(string(pair), ":")
	return err == nil && found && subtle.ConstantTimeCompare([]byte(password), []byte(r.password)) == 1
}

func answer(conn net.Conn, status int) error {
	text := http.StatusText(status)
	if status != http.StatusOK {
		text += "\r\nContent-Length: 0\r\nConnection: close"
	}
	if status == http.StatusProxyAuthRequired {
		text += "\r\nProxy-Authenticate: Basic realm=\"o365aws\""
	}
	_, err := fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\n\r\n", status, text)
	return err
}

// handshakes performs the TLS handshake with the server, offering the protocols of the
// browser, and then the one with the browser, offering the protocol that the server
// chose.
func (r *Relay) handshakes(ctx context.Context, conn, far net.Conn, host string) (near, upstream *tls.Conn, err error) {
	config := func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		upstream = tls.Client(
			far,
			&tls.Config{
				ServerName: host, RootCAs: r.o.Roots, NextProtos: hello.SupportedProtos,
				MinVersion: tls.VersionTLS12,
			},
		)
		if err := upstream.HandshakeContext(ctx); err != nil {
			r.refused(host, err)
			return nil, fmt.Errorf("%s: %w", host, err)
		}
		c := &tls.Config{MinVersion: tls.VersionTLS12}
		if protocol := upstream.ConnectionState().NegotiatedProtocol; protocol != "" {
			c.NextProtos = []string{protocol}
		}
		own, err := r.certificate(host)
		c.Certificates = []tls.Certificate{own}
		return c, err
	}
	near = tls.Server(conn, &tls.Config{GetConfigForClient: config, MinVersion: tls.VersionTLS12})
	return near, upstream, near.HandshakeContext(ctx)
}

// refused records the reason why a server is not trusted.
func (r *Relay) refused(host string, err error) {
	var wrong *tls.CertificateVerificationError
	r.mu.Lock()
	defer r.mu.Unlock()
	if errors.As(err, &wrong) && r.untrusted == nil {
		r.untrusted = fmt.Errorf("the certificate of %s: %w", host, wrong.Err)
	}
}

// missed records the reason why a server was not reached. It ignores connections that
// Close has ended.
func (r *Relay) missed(host string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() == nil {
		r.unreached = fmt.Errorf("%s: %w", host, err)
	}
}

// certificate returns a certificate with the relay's key, for the browser only.
func (r *Relay) certificate(host string) (tls.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "o365aws on this machine"}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &r.key.PublicKey, r.key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: r.key}, err
}

// buffered is a connection with buffered input.
type buffered struct {
	net.Conn
	reader *bufio.Reader
}

// Read implements net.Conn.
func (b buffered) Read(p []byte) (int, error) { return b.reader.Read(p) }
