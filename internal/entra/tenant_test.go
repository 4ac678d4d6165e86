package entra

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/fault"
)

// behindProxy returns a client that reaches the emulator through its proxy.
func behindProxy(t *testing.T) (*fakecloud.Cloud, *http.Client) {
	t.Helper()
	cloud, err := fakecloud.New(fakecloud.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	return cloud, cloud.Client()
}

func TestFindTenant(t *testing.T) {
	cloud, client := behindProxy(t)
	for _, c := range []struct {
		name, email string
		cloud       string
		federated   bool
		host        string
	}{
		{"contoso.example", "ada@contoso.example", "global", false, ""},
		{fakecloud.TenantID, "", "global", false, ""},
		{"contoso.example", "alan@contoso.example", "global", true, fakecloud.ADFSHost},
		{fakecloud.GovDomain, "ada@" + fakecloud.GovDomain, "usgov", false, ""},
	} {
		got, err := FindTenant(t.Context(), client, Clouds(), c.name, c.email)
		if err != nil || got.ID != fakecloud.TenantID || got.Cloud.Name != c.cloud || got.Federated != c.federated ||
			got.SignInHost != c.host {
			t.Errorf("%v: %+v, %v", c, got, err)
		}
	}
	_, err := FindTenant(t.Context(), client, Clouds(), "nowhere.example", "ada@nowhere.example")
	if fault.KindOf(err) != fault.Auth || !strings.Contains(err.Error(), "AADSTS90002") {
		t.Error(err)
	}
	// Other clouds receive the domain but not the user name.
	for _, host := range cloud.Saw("ada@nowhere.example") {
		t.Errorf("%s was told the address", host)
	}
}

func TestFindTenantOffline(t *testing.T) {
	client := &http.Client{
		Transport: &http.Transport{
			Proxy: func(*http.Request) (*url.URL, error) { return url.Parse("http://127.0.0.1:1") },
		},
	}
	_, err := FindTenant(t.Context(), client, Clouds(), "contoso.example", "ada@contoso.example")
	if fault.KindOf(err) != fault.Network || strings.Contains(err.Error(), "ada@") {
		t.Error(err)
	}
}

// realmAnswer is a RoundTripper that returns Microsoft's response about a domain, or an
// error.
type realmAnswer struct {
	body string
	err  error
}

func (a realmAnswer) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(a.body))}, a.err
}

// The sign-in host is accepted only from an https URL with a plain host name, because it
// may become one of the hosts that receive passwords.
func TestSignInHost(t *testing.T) {
	for body, want := range map[string]string{
		`{"NameSpaceType":"Federated","AuthURL":"https://ADFS.contoso.example/adfs/ls/?x=y"}`: "adfs.contoso.example",
		`{"NameSpaceType":"Federated","AuthURL":"http://adfs.contoso.example/adfs/ls/"}`:      "",
		`{"NameSpaceType":"Federated","AuthURL":"https://192.0.2.1/adfs/ls/"}`:                "",
		`{"NameSpaceType":"Federated","AuthURL":"https://localhost/"}`:                        "",
		`{"NameSpaceType":"Federated","AuthURL":"https://a b/"}`:                              "",
		`{"NameSpaceType":"Federated"}`:                                                       "",
	} {
		federated, got, err := findRealm(
			t.Context(), &http.Client{Transport: realmAnswer{body, nil}}, Cloud{LoginHost: "login.example"}, "ada@contoso.example",
		)
		if err != nil || !federated || got != want {
			t.Errorf("%s: %v %q %v", body, federated, got, err)
		}
	}
	if federated, got, err := findRealm(t.Context(), &http.Client{Transport: realmAnswer{`{"NameSpaceType":"Managed","AuthURL":"https://evil.example/"}`, nil}}, Cloud{LoginHost: "login.example"}, "ada@contoso.example"); federated ||
		got != "" ||
		err != nil {
		t.Errorf("%v %q %v", federated, got, err)
	}
	_, _, err := findRealm(
		t.Context(), &http.Client{Transport: realmAnswer{"", io.ErrUnexpectedEOF}}, Cloud{LoginHost: "login.example"},
		"ada@contoso.example",
	)
	if fault.KindOf(err) != fault.Network ||
		strings.Contains(err.Error(), "ada") { // the address, which the HTTP client quotes
		t.Error(err)
	}
}
