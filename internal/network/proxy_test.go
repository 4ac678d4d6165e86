package network_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/network"
)

// companyProxy starts a proxy over TLS that requires a password and connects every host
// to the same address. It returns the URL of the proxy.
func companyProxy(t *testing.T, own tls.Certificate, to string) *url.URL {
	t.Helper()
	way, err := url.Parse(proxyTo(t, to))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{own}})
	if err != nil {
		t.Fatal(err)
	}
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("ada:p:w@"))
	proxy := &httptest.Server{Listener: listener, Config: &http.Server{
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodConnect || r.Host != host+":443" || r.Header.Get("Proxy-Authorization") != want {
				w.WriteHeader(http.StatusProxyAuthRequired)
				return
			}
			far, err := net.Dial("tcp", way.Host)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(far, "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n")
			near, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
			_, _ = io.Copy(near, far)
			_ = near.Close()
		}),
	}}
	proxy.Start()
	t.Cleanup(proxy.Close)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return &url.URL{Scheme: "https", Host: "localhost:" + port, User: url.UserPassword("ada", "p:w@")}
}

// A company's proxy may use TLS and require a password. The certificate is verified
// before the password is sent, and the tunnel is requested for the right host.
func TestProxyOverTLS(t *testing.T) {
	authority := issued(t, "Company CA", nil)
	to, reached := server(t, issued(t, host, &authority))
	pool := x509.NewCertPool()
	pool.AddCert(authority.Leaf)
	for name, row := range map[string]struct {
		own  tls.Certificate
		user *url.Userinfo
		good bool
	}{
		"valid":                   {issued(t, "localhost", &authority), url.UserPassword("ada", "p:w@"), true},
		"without the password":    {issued(t, "localhost", &authority), nil, false},
		"for another name":        {issued(t, "evil.example", &authority), url.UserPassword("ada", "p:w@"), false},
		"of an unknown authority": {issued(t, "localhost", nil), url.UserPassword("ada", "p:w@"), false},
	} {
		t.Run(name, func(t *testing.T) {
			before := reached.Load()
			way := companyProxy(t, row.own, to)
			way.User = row.user
			r, err := network.StartRelay(
				network.RelayOptions{
					Roots: pool,
					Log:   slog.New(slog.DiscardHandler),
					Proxy: func(u *url.URL) (*url.URL, error) {
						if u.String() != "https://"+host+":443" {
							t.Errorf("asked for the proxy of %s", u)
						}
						return way, nil
					},
				},
			)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = r.Close() }()
			response, err := browser(t, r, true).Post("https://"+host+"/", "text/plain", strings.NewReader("x"))
			if err == nil {
				_ = response.Body.Close()
			}
			if (err == nil) != row.good || (reached.Load() > before) != row.good {
				t.Errorf("reached %v, %v", reached.Load() > before, err)
			}
			if why := r.Unreached(); (why == nil) != row.good ||
				why != nil && !strings.Contains(why.Error(), "the proxy") {
				t.Errorf("why: %v", why)
			}
		})
	}
}

// Close does not wait for idle connections of the browser.
func TestCloseEndsIdleConnections(t *testing.T) {
	authority := issued(t, "Company CA", nil)
	to, _ := server(t, issued(t, host, &authority))
	r := opened(t, authority, to)
	response, err := browser(t, r, false).Post("https://"+host+"/", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body) // after a complete read, the connection stays open
	_ = response.Body.Close()
	closed := make(chan struct{})
	go func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Error("Close still waits")
	}
}

// A server that supports at most TLS 1.1 is refused.
func TestOldTLSIsRefused(t *testing.T) {
	authority := issued(t, "Company CA", nil)
	s := httptest.NewUnstartedServer(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the server received a request") }),
	)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	s.TLS = &tls.Config{
		Certificates: []tls.Certificate{issued(t, host, &authority)}, MinVersion: tls.VersionTLS10,
		MaxVersion: tls.VersionTLS11,
	}
	s.StartTLS()
	defer s.Close()
	r := started(t, authority, s.Listener.Addr().String())
	if response, err := browser(t, r, false).Get("https://" + host + "/"); err == nil {
		_ = response.Body.Close()
		t.Error("the request was relayed")
	}
}

// The hint for a refusal by a proxy depends on what the proxy requires and on what it has
// received.
func TestProxyRefusals(t *testing.T) {
	given := url.UserPassword("ada", "secret")
	for _, c := range []struct {
		status int
		wants  []string
		user   *url.Userinfo
		want   string
	}{
		{200, nil, nil, ""},
		{502, nil, given, "it replies with 502"},
		{407, nil, nil, "it replies with 407: write HTTPS_PROXY as http://user:password@host:port"},
		{407, []string{"NTLM", `Basic realm="x"`}, nil, "it replies with 407: write HTTPS_PROXY as http://user:password@host:port"},
		{407, []string{`basic realm="x"`}, given, "it replies with 407: it rejects the user name and password in HTTPS_PROXY"},
		{407, []string{"Negotiate", "NTLM"}, given, "it replies with 407: it requires NTLM or Kerberos"},
		{407, []string{"Negotiate"}, nil, "it replies with 407: it requires NTLM or Kerberos"},
	} {
		t.Run(fmt.Sprintln(c.status, c.wants, c.user), func(t *testing.T) {
			response := &http.Response{StatusCode: c.status, Header: http.Header{"Proxy-Authenticate": c.wants}}
			err := network.ProxyRefusal(response, c.user)
			if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
