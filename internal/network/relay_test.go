package network_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/network"
)

const host = "login.microsoftonline.com"

// issued returns a certificate, self-signed if there is no issuer.
func issued(t *testing.T, name string, issuer *tls.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: issuer == nil, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	parent, by := template, key
	if issuer != nil {
		parent, by = issuer.Leaf, issuer.PrivateKey.(*ecdsa.PrivateKey)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// server starts a server with a certificate and counts its requests.
func server(t *testing.T, own tls.Certificate) (address string, reached *atomic.Int32) {
	t.Helper()
	reached = new(atomic.Int32)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		_, _ = io.Copy(w, r.Body)
		fmt.Fprint(w, r.Proto)
	}))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{own}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), reached
}

// started returns a relay that is closed at the end of the test.
func started(t *testing.T, authority tls.Certificate, to string) *network.Relay {
	t.Helper()
	r := opened(t, authority, to)
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// opened returns a relay that trusts one authority, behind a proxy that connects every
// host to one address. The test closes it.
func opened(t *testing.T, authority tls.Certificate, to string) *network.Relay {
	t.Helper()
	way, err := url.Parse(proxyTo(t, to))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(authority.Leaf)
	r, err := network.StartRelay(
		network.RelayOptions{
			Roots: pool, Proxy: func(*url.URL) (*url.URL, error) { return way, nil },
			Log: slog.New(slog.DiscardHandler),
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// proxyTo starts a proxy that connects every host to one address.
func proxyTo(t *testing.T, to string) string {
	t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		far, err := net.Dial("tcp", to)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		near, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
		_, _ = io.Copy(near, far)
		_ = near.Close()
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// browser returns a client that accepts only the key of a relay.
func browser(t *testing.T, r *network.Relay, http2 bool) *http.Client {
	t.Helper()
	way, err := url.Parse(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	way.User = url.UserPassword("o365aws", r.Password().Reveal())
	transport := &http.Transport{
		Proxy: http.ProxyURL(way), ForceAttemptHTTP2: http2,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
			sum := sha256.Sum256(s.PeerCertificates[0].RawSubjectPublicKeyInfo)
			if base64.StdEncoding.EncodeToString(sum[:]) != r.SPKI() {
				return fmt.Errorf("another key")
			}
			return s.PeerCertificates[0].VerifyHostname(host)
		}},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// forged returns a certificate that the authority has not signed, together with the
// certificate of the authority.
func forged(t *testing.T, authority tls.Certificate) tls.Certificate {
	t.Helper()
	impostor := issued(t, authority.Leaf.Subject.CommonName, nil)
	own := issued(t, host, &impostor)
	own.Certificate = append(own.Certificate, authority.Certificate[0])
	return own
}

// A response from a server with a certificate of the company's authority arrives
// completely, over the protocol of the server.
func TestSignedIsRelayed(t *testing.T) {
	authority := issued(t, "Company CA", nil)
	to, _ := server(t, issued(t, host, &authority))
	r := started(t, authority, to)
	body := strings.Repeat("0123456789", 100_000)
	for http2, protocol := range map[bool]string{true: "HTTP/2.0", false: "HTTP/1.1"} {
		t.Run(protocol, func(t *testing.T) {
			response, err := browser(t, r, http2).Post("https://"+host+"/", "text/plain", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if err != nil || string(got) != body+protocol {
				t.Errorf("got %d bytes ending in %.20q, %v", len(got), got[max(0, len(got)-8):], err)
			}
		})
	}
	if r.Untrusted() != nil {
		t.Error(r.Untrusted())
	}
}

// A server that presents the public certificate of the authority together with one that
// the authority has not signed receives nothing. Neither does a server with a self-signed
// certificate or one for another name.
func TestForgedIsRefused(t *testing.T) {
	authority := issued(t, "Company CA", nil)
	beside := forged(t, authority)
	for name, own := range map[string]tls.Certificate{
		"with the certificate of the authority": beside, "another name": issued(t, "evil.example", &authority), "self-signed": issued(t, host, nil),
	} {
		t.Run(name, func(t *testing.T) {
			to, reached := server(t, own)
			r := started(t, authority, to)
			if response, err := browser(t, r, true).Get("https://" + host + "/"); err == nil {
				_ = response.Body.Close()
				t.Error("the request was relayed")
			}
			if reached.Load() != 0 {
				t.Error("the server received a request")
			}
			if r.Untrusted() == nil || !strings.Contains(r.Untrusted().Error(), host) {
				t.Errorf("why: %v", r.Untrusted())
			}
		})
	}
}

// ask sends a request line with a password to a relay, and returns the status.
func ask(t *testing.T, r *network.Relay, line, password string) int {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if password != "" {
		password = "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString(
			[]byte("o365aws:"+password),
		) + "\r\n"
	}
	fmt.Fprintf(conn, "%s\r\nHost: x\r\n%s\r\n", line, password)
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodConnect})
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return response.StatusCode
}

// Requests without TLS are refused, and an unreachable host is named in the error.
func TestRelayRefuses(t *testing.T) {
	r := started(t, issued(t, "Company CA", nil), "127.0.0.1:1")
	for line, status := range map[string]int{
		"GET http://login.microsoftonline.com/ HTTP/1.1": http.StatusForbidden, "CONNECT nowhere.example:443 HTTP/1.1": http.StatusBadGateway,
	} {
		t.Run(line, func(t *testing.T) {
			if got := ask(t, r, line, r.Password().Reveal()); got != status {
				t.Errorf("got %d, want %d", got, status)
			}
		})
	}
	if err := r.Unreached(); err == nil || !strings.Contains(err.Error(), "nowhere.example") {
		t.Errorf("not reached: %v", err)
	}
}

// A program on this machine without the password is refused, and the relay does not
// connect to a server.
func TestRelayServesOnlyTheBrowser(t *testing.T) {
	authority := issued(t, "Company CA", nil)
	far, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var dialled atomic.Int32
	go func() {
		for {
			conn, err := far.Accept()
			if err != nil {
				return
			}
			dialled.Add(1)
			_ = conn.Close()
		}
	}()
	defer func() { _ = far.Close() }()
	r := started(t, authority, far.Addr().String())
	for _, password := range []string{"", "guess", r.Password().Reveal() + "x", r.Password().Reveal()[1:]} {
		if got := ask(t, r, "CONNECT "+host+":443 HTTP/1.1", password); got != http.StatusProxyAuthRequired {
			t.Errorf("with %d characters: %d", len(password), got)
		}
	}
	if dialled.Load() != 0 {
		t.Error("a server was dialed")
	}
	if other := started(t, authority, far.Addr().String()); other.Password().Reveal() == r.Password().Reveal() {
		t.Error("two relays have the same password")
	}
}

// A program without the password cannot make the relay use much memory or many
// connections, nor block the browser.
func TestRelayLimitsOtherPrograms(t *testing.T) {
	authority := issued(t, "Company CA", nil)
	r := started(t, authority, "127.0.0.1:1")
	address := strings.TrimPrefix(r.URL(), "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, err = io.WriteString(conn, "CONNECT "+host+":443 HTTP/1.1\r\nX: ")
	sent := 0
	for filler := bytes.Repeat([]byte("x"), 64<<10); err == nil && sent < 64<<20; {
		var n int
		n, err = conn.Write(filler)
		sent += n
	}
	if err == nil {
		t.Errorf("a head without an end: got %d bytes accepted, want less", sent)
	}
	const many = 300
	var idle []net.Conn
	for range many {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, conn)
	}
	if got := ask(t, r, "CONNECT "+host+":443 HTTP/1.1", r.Password().Reveal()); got != http.StatusBadGateway {
		t.Errorf("beside %d idle connections: got status %d, want %d", many, got, http.StatusBadGateway)
	}
	closed := 0
	for _, conn := range idle[:many/2] {
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := conn.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
			closed++
		}
		_ = conn.Close()
	}
	for _, conn := range idle[many/2:] {
		_ = conn.Close()
	}
	if closed != many/2 {
		t.Errorf("got %d of the %d oldest connections closed", closed, many/2)
	}
}

// Close does not wait for open connections.
func TestCloseDoesNotWait(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts connections and sends nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	way := &url.URL{Scheme: "http", Host: silent.Addr().String()}
	r, err := network.StartRelay(
		network.RelayOptions{
			Roots: x509.NewCertPool(), Proxy: func(*url.URL) (*url.URL, error) { return way, nil },
			Log: slog.New(slog.DiscardHandler),
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	own := base64.StdEncoding.EncodeToString([]byte("o365aws:" + r.Password().Reveal()))
	fmt.Fprintf(conn, "CONNECT %s:443 HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic %s\r\n\r\n", host, own)
	if far, err := silent.Accept(); err != nil { // the relay is now waiting for it
		t.Fatal(err)
	} else {
		defer func() { _ = far.Close() }()
	}
	closed := make(chan error, 1)
	go func() { closed <- r.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second): // the time limit of the relay is 30 s
		t.Error("Close still waits")
	}
	if err := r.Unreached(); err != nil { // a connection that Close has ended is not an error
		t.Error(err)
	}
}
