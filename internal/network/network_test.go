package network

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
)

// The proxy and the CA bundle in the environment, in upper or lower case, apply to every
// connection. An invalid value causes an error before anything is sent.
func TestNetworkFromEnvironment(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	dir := t.TempDir()
	good, empty := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "empty.pem")
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	broken := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}))
	for path, text := range map[string]string{good: "a note\n" + broken + certificate, empty: "a note\n" + broken} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	host := "login.microsoftonline.com"
	for name, c := range map[string]struct {
		env    map[string]string
		bundle string
		proxy  string
		secret bool // the proxy requires a password
		fails  string
		trusts bool
	}{
		"nothing":                   {nil, "", "", false, "", false},
		"a proxy":                   {map[string]string{"HTTPS_PROXY": "http://proxy.example:3128"}, "", "http://proxy.example:3128", false, "", false},
		"lower-case variable":       {map[string]string{"https_proxy": "http://proxy.example:3128"}, "", "http://proxy.example:3128", false, "", false},
		"with a password":           {map[string]string{"HTTPS_PROXY": "http://ada:CANARY@proxy.example:3128"}, "", "http://proxy.example:3128", true, "", false},
		"not for Microsoft":         {map[string]string{"HTTPS_PROXY": "http://proxy.example:3128", "no_proxy": "x, .microsoftonline.com"}, "", "", false, "", false},
		"not a URL":                 {map[string]string{"HTTPS_PROXY": "http://ada:CANARY@%zz"}, "", "", false, "HTTPS_PROXY is not a URL", false},
		"truncated URL":             {map[string]string{"HTTPS_PROXY": "http://ada:CANARY@[proxy"}, "", "", false, "HTTPS_PROXY is not a URL", false},
		"no host":                   {map[string]string{"HTTPS_PROXY": "http://"}, "", "", false, "HTTPS_PROXY is not a URL", false},
		"a domain user":             {map[string]string{"HTTPS_PROXY": `http://CORP\ada:CANARY@proxy:3128`}, "", "", false, "HTTPS_PROXY is not a URL", false},
		"host and port":             {map[string]string{"HTTPS_PROXY": "127.0.0.1:3128"}, "", "http://127.0.0.1:3128", false, "", false},
		"authority":                 {nil, good, "", false, "", true},
		"home folder":               {map[string]string{"HOME": dir}, "~" + strings.TrimPrefix(good, dir), "", false, "", true},
		"no home folder":            {nil, "~" + strings.TrimPrefix(good, dir), "", false, "cannot read the CA bundle", false},
		"another user's home":       {map[string]string{"HOME": dir}, "~ada" + strings.TrimPrefix(good, dir), "", false, "~ada", false},
		"file without certificates": {nil, empty, "", false, "contains no certificate", false},
		"no such file":              {nil, filepath.Join(dir, "none"), "", false, "cannot read the CA bundle", false},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := New(func(name string) string { return c.env[name] }, c.bundle, host)
			if c.fails != "" {
				if fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), c.fails) ||
					strings.Contains(err.Error(), "CANARY") {
					t.Errorf("got %v, want %s", err, c.fails)
				}
				return
			}
			if err != nil || n.Proxy != c.proxy || n.proxyPassword != c.secret || (len(n.extra) == 1) != c.trusts {
				t.Fatalf("got %+v, %v", n, err)
			}
			if c.proxy != "" {
				return
			}
			response, err := n.Client.Get(server.URL)
			if err == nil {
				_ = response.Body.Close()
			}
			if (err == nil) != c.trusts {
				t.Errorf("a server with a certificate of the CA bundle: got %v, want trusted: %v", err, c.trusts)
			}
		})
	}
}

// The error for a proxy that is not a URL has a hint and does not contain the password.
func TestProxyHints(t *testing.T) {
	for proxy, want := range map[string]string{
		`http://CORP\jane:CANARY@proxy:3128`: "http://DOMAIN%5Cuser:password@host:port",
		"http://jane:CAN ARY@proxy:3128":     "as % and two hexadecimal digits",
		"http://":                            "http://host:port",
	} {
		t.Run(want, func(t *testing.T) {
			_, err := New(func(name string) string { return map[string]string{"HTTPS_PROXY": proxy}[name] }, "", "")
			var f *fault.Error
			if !errors.As(err, &f) || !strings.Contains(strings.Join(f.Hints, " "), want) {
				t.Fatalf("got %v, want the hint %s", err, want)
			}
			if text := f.Error() + strings.Join(f.Hints, " "); strings.Contains(text, "CAN") || strings.Contains(text, "jane") {
				t.Errorf("got %s, want no password", text)
			}
		})
	}
}

// A CA bundle may have the encodings of Windows editors. The error for a binary
// certificate says so.
func TestEncodingsOfCABundles(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	der := server.Certificate().Raw
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	for name, c := range map[string]struct{ data, err string }{
		"byte order mark": {data: "\xef\xbb\xbf" + text},
		"UTF-16":          {data: "\xff\xfe" + strings.Join(strings.Split(text, ""), "\x00") + "\x00"},
		"DER":             {string(der), "is a DER certificate, not PEM"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ca.pem")
			if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
				t.Fatal(err)
			}
			n, err := New(func(string) string { return "" }, path, "")
			if c.err == "" && (err != nil || len(n.extra) != 1) || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("got %d authorities, %v, want %q", len(n.extra), err, c.err)
			}
		})
	}
}
