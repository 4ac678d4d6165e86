package fakecloud

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

// authority is the certificate authority of the inspecting proxy. Like such proxies, it
// issues a leaf certificate for any requested name.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey

	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

// newAuthority returns an authority that is valid for a day. It uses the real clock
// instead of the Cloud's, because browsers do so too.
func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key of the authority: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "fakecloud inspecting proxy", Organization: []string{"Contoso (fake)"}},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:     true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("certificate of the authority: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("certificate of the authority: %w", err)
	}
	return &authority{cert: cert, key: key, leaves: make(map[string]*tls.Certificate)}, nil
}

// leaf returns the certificate for a host name. The chain includes the authority's
// certificate, which a browser that pins the authority's key requires.
func (a *authority) leaf(host string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if leaf, ok := a.leaves[host]; ok {
		return leaf, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key for %s: %w", host, err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("serial number for %s: %w", host, err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: host},
		NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	switch ip := net.ParseIP(host); {
	case isLoopback(host):
		template.DNSNames = []string{"localhost"}
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	case ip != nil:
		template.IPAddresses = []net.IP{ip}
	default:
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("certificate for %s: %w", host, err)
	}
	leaf := &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key}
	a.leaves[host] = leaf
	return leaf, nil
}

// tlsConfig returns a configuration that selects leaf certificates by server name.
// fallback is the name for clients that send none, such as those that connect to an IP
// address (RFC 6066 section 3).
func (c *Cloud) tlsConfig(fallback string) *tls.Config {
	if fallback == "" {
		fallback = "localhost"
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			host := hostOnly(hello.ServerName)
			if host == "" {
				host = fallback
			}
			if c.opts.Scenario == "bad-certificate" && host == ADFSHost {
				return c.untrusted.leaf(host)
			}
			return c.ca.leaf(host)
		},
	}
}

// CAPEM returns the authority's certificate as PEM.
func (c *Cloud) CAPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.ca.cert.Raw})
}

// Client returns a client that reaches the emulator like a user's: through the proxy,
// trusting the authority. It connects to this machine directly.
func (c *Cloud) Client() *http.Client {
	proxy, err := url.Parse(c.ProxyURL())
	pool := x509.NewCertPool()
	pool.AddCert(c.ca.cert)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		Proxy: func(r *http.Request) (*url.URL, error) {
			if host := r.URL.Hostname(); host == "localhost" || net.ParseIP(host).IsLoopback() {
				return nil, nil
			}
			return proxy, err
		},
	}}
}

// WriteCA writes the authority's certificate as PEM, for AWS_CA_BUNDLE.
func (c *Cloud) WriteCA(path string) error {
	return os.WriteFile(path, c.CAPEM(), 0o600)
}

// SPKI returns the base64 SHA-256 of the authority's public key, in the form
// of Chromium's --ignore-certificate-errors-spki-list.
func (c *Cloud) SPKI() string {
	sum := sha256.Sum256(c.ca.cert.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}
