package network

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
)

// The proxy and the authorities of the environment hold for every connection,
// in either spelling; what is none is refused before anything is sent.
func TestNetworkOfTheEnvironment(t *testing.T) {
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
		secret bool // the proxy wants a password
		fails  string
		trusts bool
	}{
		"nothing":           {nil, "", "", false, "", false},
		"a proxy":           {map[string]string{"HTTPS_PROXY": "http://proxy.example:3128"}, "", "http://proxy.example:3128", false, "", false},
		"in small letters":  {map[string]string{"https_proxy": "http://proxy.example:3128"}, "", "http://proxy.example:3128", false, "", false},
		"with a password":   {map[string]string{"HTTPS_PROXY": "http://ada:CANARY@proxy.example:3128"}, "", "http://proxy.example:3128", true, "", false},
		"not for Microsoft": {map[string]string{"HTTPS_PROXY": "http://proxy.example:3128", "no_proxy": "x, .microsoftonline.com"}, "", "", false, "", false},
		"no URL":            {map[string]string{"HTTPS_PROXY": "http://ada:CANARY@%zz"}, "", "", false, "HTTPS_PROXY is not a URL", false},
		"half a URL":        {map[string]string{"HTTPS_PROXY": "http://ada:CANARY@[proxy"}, "", "", false, "HTTPS_PROXY is not a URL", false},
		"no host":           {map[string]string{"HTTPS_PROXY": "http://"}, "", "", false, "HTTPS_PROXY is not a URL", false},
		"host and port":     {map[string]string{"HTTPS_PROXY": "127.0.0.1:3128"}, "", "http://127.0.0.1:3128", false, "", false},
		"an authority":      {nil, good, "", false, "", true},
		"in the home":       {map[string]string{"HOME": dir}, "~" + strings.TrimPrefix(good, dir), "", false, "", true},
		"of nobody's home":  {nil, "~" + strings.TrimPrefix(good, dir), "", false, "cannot read the CA bundle", false},
		"of another's home": {map[string]string{"HOME": dir}, "~ada" + strings.TrimPrefix(good, dir), "", false, "~ada", false},
		"none in the file":  {nil, empty, "", false, "contains no certificate", false},
		"no such file":      {nil, filepath.Join(dir, "none"), "", false, "cannot read the CA bundle", false},
	} {
		n, err := New(func(name string) string { return c.env[name] }, c.bundle, host)
		if (err == nil) != (c.fails == "") ||
			err != nil &&
				(fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), c.fails) || strings.Contains(err.Error(), "CANARY")) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if n.Proxy != c.proxy || n.proxyPassword != c.secret || strings.Contains(n.Proxy, "CANARY") ||
			(len(n.extra) == 1) != c.trusts {
			t.Errorf("%s: %+v", name, n)
		}
		if c.proxy != "" {
			continue
		}
		response, err := n.Client.Get(server.URL)
		if err == nil {
			_ = response.Body.Close()
		}
		if (err == nil) != c.trusts {
			t.Errorf("%s: a server that the file vouches for: %v", name, err)
		}
	}
}
