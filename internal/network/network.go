package network

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/o365aws/o365aws/internal/awspaths"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
	"github.com/o365aws/o365aws/internal/termtext"
)

// Network is the network configuration: one proxy and one set of certificate
// authorities for every connection, including those of the browser.
type Network struct {
	Client *http.Client
	Clock  *ClockWatch // compares the clock with responses; nil for none
	Proxy  string      // proxy for the browser; "" for none
	Bypass string      // hosts that bypass the proxy, in Chromium's notation
	// The proxy of a host, the authorities that the browser must trust in addition to the
	// system's (nil for none), and whether the proxy requires a password. A browser has
	// options for neither, so a relay implements both.
	find          func(*url.URL) (*url.URL, error)
	extra         []*x509.Certificate
	proxyPassword bool
}

// New reads the proxy variables and the CA bundle. loginHost is the host that a browser
// will sign in to, or "" if none is started.
func New(env awspaths.Env, caBundle, loginHost string) (Network, error) {
	proxies, find, err := readProxies(env)
	if err != nil {
		return Network{}, err
	}
	n := Network{find: find}
	forLogin, err := find(&url.URL{Scheme: "https", Host: loginHost})
	if err != nil {
		return n, errNoProxy(proxies.HTTPSProxy)
	}
	if forLogin != nil {
		n.proxyPassword = forLogin.User != nil
		n.Proxy = forLogin.Scheme + "://" + forLogin.Host
		n.Bypass = strings.ReplaceAll(strings.ReplaceAll(proxies.NoProxy, " ", ""), ",", ";")
	}
	transport := &http.Transport{
		Proxy:                 func(r *http.Request) (*url.URL, error) { return find(r.URL) },
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   15 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		IdleConnTimeout:       30 * time.Second,
		OnProxyConnectResponse: func(_ context.Context, proxy *url.URL, _ *http.Request, response *http.Response) error {
			if err := ProxyRefusal(response, proxy.User); err != nil {
				return fmt.Errorf("the proxy: %w", err)
			}
			return nil
		},
	}
	if caBundle != "" {
		if n.extra, err = authorities(awspaths.In(cmp.Or(env("HOME"), env("USERPROFILE")), caBundle)); err != nil {
			return n, err
		}
		pool := x509.NewCertPool() // as in the AWS tools, it replaces those of the system
		for _, cert := range n.extra {
			pool.AddCert(cert)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	// On Linux, crypto/x509 reads SSL_CERT_FILE, but the browser does not.
	if file := env("SSL_CERT_FILE"); caBundle == "" && file != "" && runtime.GOOS == "linux" {
		n.extra, _ = authorities(file) // an unusable file adds nothing
	}
	n.Client = &http.Client{Transport: transport, Timeout: time.Minute}
	return n, nil
}

// ProxyFunc returns the proxy for each request, for clients that an SDK creates.
func ProxyFunc(env awspaths.Env) (func(*http.Request) (*url.URL, error), error) {
	_, find, err := readProxies(env)
	return func(r *http.Request) (*url.URL, error) { return find(r.URL) }, err
}

// readProxies reads the proxy variables, for every connection of the program.
func readProxies(env awspaths.Env) (httpproxy.Config, func(*url.URL) (*url.URL, error), error) {
	proxies := httpproxy.Config{
		HTTPSProxy: cmp.Or(env("HTTPS_PROXY"), env("https_proxy")),
		HTTPProxy:  cmp.Or(env("HTTP_PROXY"), env("http_proxy")),
		NoProxy:    cmp.Or(env("NO_PROXY"), env("no_proxy")),
	}
	if !isProxy(proxies.HTTPSProxy) {
		return proxies, nil, errNoProxy(proxies.HTTPSProxy)
	}
	return proxies, proxies.ProxyFunc(), nil
}

// errNoProxy returns the error for a proxy that is not a URL. It omits the password.
func errNoProxy(text string) error {
	f := fault.New(fault.Config, "HTTPS_PROXY is not a URL", "use the form http://host:port")
	user, _, found := strings.Cut(text, "@")
	switch {
	case found && strings.Contains(user, `\`):
		return f.Hint(`write the backslash of the user name as %%5C: http://DOMAIN%%5Cuser:password@host:port`)
	case found:
		return f.Hint("write special characters of the user name and the password as %% and two hexadecimal digits")
	}
	return f
}

// isProxy reports whether the library can parse a proxy. The library ignores one that it
// cannot parse and connects directly.
func isProxy(text string) bool {
	if text == "" {
		return true
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text // host:port
	}
	u, err := url.Parse(text)
	return err == nil && u.Hostname() != ""
}

// authorities reads a PEM file.
func authorities(path string) ([]*x509.Certificate, error) {
	data, err := securefile.Read(path)
	if err != nil {
		return nil, fault.Wrap(fault.Config, err, "cannot read the CA bundle", "check AWS_CA_BUNDLE or ca_bundle")
	}
	if _, err := x509.ParseCertificate(data); err == nil {
		return nil, fault.New(fault.Config, path+" is a DER certificate, not PEM",
			"convert it: openssl x509 -inform der -in "+termtext.ShellWord(path)+" -out ca.pem")
	}
	data, _ = termtext.Decode(data)
	var certs []*x509.Certificate
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil { // ignore a malformed certificate among others
			certs = append(certs, cert)
		}
	}
	if len(certs) == 0 {
		return nil, fault.New(fault.Config, path+" contains no certificate", "check AWS_CA_BUNDLE or ca_bundle")
	}
	return certs, nil
}

// Relay starts the relay that the browser needs to trust additional authorities or to
// sign in to a proxy. It returns nil if none is needed.
func (n Network) Relay(log *slog.Logger) (*Relay, error) {
	if n.extra == nil && !n.proxyPassword {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		log.Debug("cannot read the system's certificate authorities", "error", err)
		pool = x509.NewCertPool()
	}
	for _, cert := range n.extra {
		pool.AddCert(cert)
	}
	r, err := StartRelay(RelayOptions{Roots: pool, Proxy: n.find, Log: log})
	if err != nil {
		return nil, fault.Wrap(fault.Network, err, "cannot start the browser's network relay")
	}
	return r, nil
}
