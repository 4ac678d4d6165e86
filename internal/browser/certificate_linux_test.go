package browser

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/o365aws/o365aws/internal/entra"
)

// A headless browser presents no certificate when a server requests one, even if the user
// has certificates.
func TestNoClientCertificate(t *testing.T) {
	home := t.TempDir()
	if _, err := exec.LookPath("certutil"); err == nil {
		storeCertificate(t, home)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<body id="certificates-%d">x`, len(r.TLS.PeerCertificates))
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(server.Certificate().RawSubjectPublicKeyInfo)
	args := []string{
		"--host-resolver-rules=MAP * 127.0.0.1:" + u.Port(), "spki=" + base64.StdEncoding.EncodeToString(sum[:]),
	}
	var sent atomic.Int32
	client := *server.Client()
	dialer := client.Transport.(*http.Transport)
	dialer.TLSClientConfig.ServerName = "example.com"
	dialer.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		sent.Add(1)
		return (&net.Dialer{}).DialContext(ctx, network, u.Host)
	}
	b := start(t, args, func(o *Options) {
		o.Environ = append(o.Environ, "HOME="+home)
		o.Certificates = Certificates{Asks: func(name string) bool { return name == host }, Client: &client}
	})
	snap := visit(t, b.Page(), func(s entra.Snapshot) bool { return s.Shows("certificates-0", "certificates-1") })
	if !snap.Shows("certificates-0") {
		t.Error("the browser presents a certificate of the user")
	}
	if sent.Load() == 0 {
		t.Error("the browser itself connected to the server")
	}
}

// storeCertificate adds a certificate to the NSS database of a home folder.
func storeCertificate(t *testing.T, home string) {
	t.Helper()
	store := filepath.Join(home, ".pki", "nssdb")
	noise := filepath.Join(home, "noise")
	if err := os.WriteFile(noise, make([]byte, 2048), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(store, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"-N", "--empty-password"},
		{"-S", "-n", "ada", "-s", "CN=ada", "-x", "-t", "u,u,u", "-z", noise},
	} {
		if out, err := exec.Command("certutil", append(args, "-d", "sql:"+store)...).CombinedOutput(); err != nil {
			t.Fatalf("certutil %v: %v\n%s", args, err, out)
		}
	}
}
