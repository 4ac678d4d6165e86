//go:build unix

package graph

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"html"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// openerEnv makes this test binary act as the browser of a signed-in user: it opens the
// address in the variable.
const openerEnv = "O365AWS_TEST_OPEN"

func TestMain(m *testing.M) {
	address := os.Getenv(openerEnv)
	if address == "" {
		os.Exit(m.Run())
	}
	proxy, err := url.Parse(os.Getenv("O365AWS_TEST_PROXY"))
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(os.Getenv("O365AWS_TEST_CA")))
	browser := http.Client{Transport: transportBy(proxy, pool)}
	answer, err := browser.Get(address)
	if err != nil {
		panic(err)
	}
	page, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	action := hiddenAction.FindSubmatch(page)
	if err != nil || action == nil {
		panic("no form comes back")
	}
	form := url.Values{}
	for _, field := range hiddenField.FindAllSubmatch(page, -1) {
		form.Set(string(field[1]), html.UnescapeString(string(field[2])))
	}
	if answer, err = browser.PostForm(html.UnescapeString(string(action[1])), form); err != nil {
		panic(err)
	}
	_ = answer.Body.Close()
}

// transportBy returns a transport that uses the emulator's proxy but connects to this
// machine directly.
func transportBy(proxy *url.URL, pool *x509.CertPool) *http.Transport {
	return &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		Proxy: func(r *http.Request) (*url.URL, error) {
			if r.URL.Hostname() == "localhost" {
				return nil, nil
			}
			return proxy, nil
		},
	}
}

// Patterns for the form that ends a sign-in.
var (
	hiddenAction = regexp.MustCompile(`name="hiddenform" action="([^"]+)"`)
	hiddenField  = regexp.MustCompile(`name="([^"]+)" value="([^"]*)"`)
)

// granted signs in and returns the permissions of the token.
func granted(t *testing.T, o SignInOptions) Grant {
	t.Helper()
	o.Cloud, _ = CloudByName("global")
	o.Tenant = fakecloud.TenantID
	identity, err := SignIn(o)
	if err != nil {
		t.Fatal(err)
	}
	g, err := identity.Grant(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func variables(values map[string]string) func(string) string {
	return func(name string) string {
		if name == "AZURE_CLIENT_ID" {
			return fakegraph.ProgramID
		}
		return values[name]
	}
}

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func written(t *testing.T, name string, data []byte, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// A service principal signs in with its certificate; any other is refused.
func TestSignInByCertificate(t *testing.T) {
	w := reach(t, fakegraph.Options{})
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "program"},
		NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	both := append(
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	o := SignInOptions{
		HTTP:   w.http,
		Getenv: variables(map[string]string{"AZURE_CLIENT_CERTIFICATE_PATH": written(t, "program.pem", both, 0o600)}),
	}
	global, _ := CloudByName("global")
	o.Cloud, o.Tenant = global, fakecloud.TenantID
	unknown, err := SignIn(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unknown.Grant(t.Context()); err == nil || !strings.Contains(err.Error(), "AADSTS700027") {
		t.Errorf("a certificate that is not registered: %v", err)
	}
	w.cloud.Graph.TrustProgramKey(&key.PublicKey)
	if g := granted(t, o); g.Delegated || !g.Allows("Application.Read.All") {
		t.Errorf("%+v", g)
	}
}

// A workload signs in with a token from its own identity provider.
func TestSignInByWorkloadIdentity(t *testing.T) {
	w := reach(t, fakegraph.Options{})
	key := newKey(t)
	w.cloud.Graph.TrustProgramKey(&key.PublicKey)
	encode := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	text := encode(map[string]string{"alg": "RS256", "typ": "JWT"}) + "." + encode(map[string]any{
		"iss": fakegraph.FederatedIssuer, "sub": "repo:contoso/infra", "aud": fakegraph.FederatedAudience,
		"exp": time.Now().Add(time.Hour).Unix(),
	})
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	token := written(t, "token", []byte(text+"."+base64.RawURLEncoding.EncodeToString(signature)), 0o600)
	if g := granted(t, SignInOptions{HTTP: w.http, Getenv: variables(map[string]string{"AZURE_FEDERATED_TOKEN_FILE": token})}); g.Delegated ||
		!g.Allows("Application.Read.All") {
		t.Errorf("%+v", g)
	}
}

// A user who has signed in with the Azure CLI needs no other sign-in.
func TestSignInByAzureCLI(t *testing.T) {
	w := reach(t, fakegraph.Options{})
	global, _ := CloudByName("global")
	identity, err := SignIn(SignInOptions{Cloud: global, HTTP: w.http, Getenv: program})
	if err != nil {
		t.Fatal(err)
	}
	token, err := identity.Credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: identity.Scopes})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := json.Marshal(map[string]any{
		"accessToken": token.Token, "expiresOn": time.Now().Add(time.Hour).Format("2006-01-02 15:04:05.999999"),
		"expires_on": time.Now().Add(time.Hour).Unix(), "tokenType": "Bearer",
	})
	if err != nil {
		t.Fatal(err)
	}
	az := written(t, "az", []byte("#!/bin/sh\ncat <<'END'\n"+string(answer)+"\nEND\n"), 0o700)
	t.Setenv("PATH", filepath.Dir(az)+string(os.PathListSeparator)+os.Getenv("PATH"))
	if g := granted(t, SignInOptions{Way: SignInCLI, HTTP: w.http, Getenv: program}); !g.Allows(
		"Application.Read.All",
	) {
		t.Errorf("%+v", g)
	}
}
