package login

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
)

// network is how this machine reaches the world: one proxy and one set of
// certificate authorities for every connection, the browser's included.
type network struct {
	client *http.Client
	proxy  string   // for the browser, "" for none
	bypass string   // hosts without proxy, in Chromium's notation
	spki   []string // base64 SHA-256 of the public keys of the extra authorities
}

// newNetwork reads the proxy variables and the file of authorities.
func newNetwork(env awsconfig.Env, caBundle, loginHost string) (network, error) {
	proxies := httpproxy.Config{
		HTTPSProxy: first(env("HTTPS_PROXY"), env("https_proxy")),
		HTTPProxy:  first(env("HTTP_PROXY"), env("http_proxy")),
		NoProxy:    first(env("NO_PROXY"), env("no_proxy")),
	}
	find := proxies.ProxyFunc()
	n := network{}
	forLogin, err := find(&url.URL{Scheme: "https", Host: loginHost})
	if err != nil {
		return n, fault.New(fault.Config, "HTTPS_PROXY is not a URL", "write it as http://host:port")
	}
	if forLogin != nil {
		if forLogin.User != nil {
			return n, fault.New(fault.Config, "HTTPS_PROXY holds a user name or password, which a browser does not take from there",
				"use a local proxy that signs in to the company's one")
		}
		n.proxy = forLogin.Scheme + "://" + forLogin.Host
		n.bypass = strings.ReplaceAll(strings.ReplaceAll(proxies.NoProxy, " ", ""), ",", ";")
	}
	transport := &http.Transport{
		Proxy:                 func(r *http.Request) (*url.URL, error) { return find(r.URL) },
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   15 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		IdleConnTimeout:       30 * time.Second,
	}
	if caBundle != "" {
		pool, keys, err := authorities(caBundle)
		if err != nil {
			return n, err
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
		n.spki = keys
	}
	n.client = &http.Client{Transport: transport, Timeout: time.Minute}
	return n, nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// maxPinned bounds how many keys are passed to the browser: a bundle with all
// public authorities needs none of them pinned, and a command line has an end.
const maxPinned = 24

// authorities reads a PEM file. As with the AWS tools it replaces the system's
// authorities; the browser keeps its own and trusts these keys besides.
func authorities(path string) (*x509.CertPool, []string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fault.Wrap(fault.Config, err, "the CA bundle cannot be read", "check AWS_CA_BUNDLE or ca_bundle")
	}
	pool := x509.NewCertPool()
	var keys []string
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			continue // what one of many authorities looks like is not ours to judge
		}
		pool.AddCert(cert)
		sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
		keys = append(keys, base64.StdEncoding.EncodeToString(sum[:]))
	}
	if len(keys) == 0 {
		return nil, nil, fault.New(fault.Config, path+" holds no certificate", "check AWS_CA_BUNDLE or ca_bundle")
	}
	if len(keys) > maxPinned {
		keys = privateOnly(data)
	}
	return pool, keys, nil
}

// privateOnly returns the keys of authorities that this system does not trust
// by itself, of a bundle too large to pin whole.
func privateOnly(data []byte) []string {
	system, err := x509.SystemCertPool()
	if err != nil {
		return nil
	}
	var keys []string
	for rest := data; len(keys) < maxPinned; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			continue
		}
		if _, err := cert.Verify(x509.VerifyOptions{Roots: system, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
			sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
			keys = append(keys, base64.StdEncoding.EncodeToString(sum[:]))
		}
	}
	return keys
}
