package network

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// The browser trusts the authorities in SSL_CERT_FILE, as this program does.
func TestAuthoritiesOfSSLCertFile(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	path := filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := New(func(name string) string { return map[string]string{"SSL_CERT_FILE": path}[name] }, "", "")
	if err != nil || len(n.extra) != 1 {
		t.Errorf("got %d authorities for the browser, %v, want 1", len(n.extra), err)
	}
}
