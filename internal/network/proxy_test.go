package network_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
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

// companyProxy is a proxy over TLS that wants a password, and leads every host
// to one address. It returns its own address, as settings hold it.
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

// A company's proxy may itself be reached over TLS, and want a password. It is
// verified before it gets that, and asked about the host that is wanted.
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
		"as it should be":            {issued(t, "localhost", &authority), url.UserPassword("ada", "p:w@"), true},
		"without the password":       {issued(t, "localhost", &authority), nil, false},
		"of another name":            {issued(t, "evil.example", &authority), url.UserPassword("ada", "p:w@"), false},
		"of an authority unheard of": {issued(t, "localhost", nil), url.UserPassword("ada", "p:w@"), false},
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
							t.Errorf("asked for the way to %s", u)
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

// An end does not wait for a connection that the browser keeps for later.
func TestCloseEndsIdleConnections(t *testing.T) {
	authority := issued(t, "Company CA", nil)
	to, _ := server(t, issued(t, host, &authority))
	r := opened(t, authority, to)
	response, err := browser(t, r, false).Post("https://"+host+"/", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body) // read to its end, it is kept
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
		t.Error("it still waits")
	}
}

// A server that speaks nothing newer than TLS 1.1 is not spoken to.
func TestOldTLSIsRefused(t *testing.T) {
	authority := issued(t, "Company CA", nil)
	s := httptest.NewUnstartedServer(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request has reached it") }),
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
		t.Error("it was relayed")
	}
}

// What a person can do about a proxy depends on what it wants, and on what it
// was given.
func TestRefusedByTheProxy(t *testing.T) {
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
		err := network.ProxyRefusal(
			&http.Response{StatusCode: c.status, Header: http.Header{"Proxy-Authenticate": c.wants}}, c.user,
		)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%d, %q: %v", c.status, c.wants, err)
		}
	}
}
