package network

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// dial connects to a host, through the company's proxy if there is one.
func (r *Relay) dial(ctx context.Context, address string) (net.Conn, error) {
	proxy, err := r.o.Proxy(&url.URL{Scheme: "https", Host: address})
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	if proxy == nil {
		return dialer.DialContext(ctx, "tcp", address)
	}
	port := proxy.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[proxy.Scheme]
	}
	if port == "" {
		port = "80"
	}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(proxy.Hostname(), port))
	if err != nil {
		return nil, fmt.Errorf("the proxy: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if proxy.Scheme == "https" {
		secure := tls.Client(
			conn, &tls.Config{ServerName: proxy.Hostname(), RootCAs: r.o.Roots, MinVersion: tls.VersionTLS12},
		)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("the proxy: %w", err)
		}
		conn = secure
	}
	tunnel, err := connect(conn, address, proxy.User)
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("the proxy: %w", err)
	}
	return tunnel, nil
}

// connect requests a tunnel from a proxy, and signs in to it if the proxy URL contains
// a user (RFC 7617).
func connect(conn net.Conn, address string, user *url.Userinfo) (net.Conn, error) {
	signIn := ""
	if user != nil {
		password, _ := user.Password()
		signIn = "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString(
			[]byte(user.Username()+":"+password),
		) + "\r\n"
	}
	if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %[1]s\r\n%s\r\n", address, signIn); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return nil, err
	}
	if err := ProxyRefusal(response, user); err != nil {
		return nil, err
	}
	return buffered{conn, reader}, nil
}

// ProxyRefusal returns the reason why a proxy refused to open a tunnel, or nil if it
// opened one. user is the user in the proxy URL.
func ProxyRefusal(response *http.Response, user *url.Userinfo) error {
	wants := response.Header.Values("Proxy-Authenticate")
	takes := func(way string) bool {
		return slices.ContainsFunc(
			wants, func(w string) bool { return len(w) >= len(way) && strings.EqualFold(w[:len(way)], way) },
		)
	}
	answer := "it replies with " + strconv.Itoa(response.StatusCode)
	switch {
	case response.StatusCode == http.StatusOK:
		return nil
	case response.StatusCode != http.StatusProxyAuthRequired:
		return errors.New(answer)
	case !takes("Basic") && (takes("NTLM") || takes("Negotiate")):
		return fmt.Errorf(
			"%s: it requires NTLM or Kerberos, which o365aws does not support: set HTTPS_PROXY to a local proxy that does, such as px or cntlm",
			answer,
		)
	case user != nil:
		return fmt.Errorf("%s: it rejects the user name and password in HTTPS_PROXY", answer)
	}
	return fmt.Errorf("%s: write HTTPS_PROXY as http://user:password@host:port", answer)
}
