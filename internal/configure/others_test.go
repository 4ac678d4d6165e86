package configure

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/fault"
)

// behindProxy is a client that reaches the double as a user's would.
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

func TestDiscover(t *testing.T) {
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
		got, err := Discover(t.Context(), client, entra.Clouds(), c.name, c.email)
		if err != nil || got.ID != fakecloud.TenantID || got.Cloud.Name != c.cloud || got.Federated != c.federated || got.SignInHost != c.host {
			t.Errorf("%v: %+v, %v", c, got, err)
		}
	}
	_, err := Discover(t.Context(), client, entra.Clouds(), "nowhere.example", "ada@nowhere.example")
	if fault.KindOf(err) != fault.Auth || !strings.Contains(err.Error(), "AADSTS90002") {
		t.Error(err)
	}
	// Other clouds are asked for the domain, and not told of the person.
	for _, host := range cloud.Saw("ada@nowhere.example") {
		t.Errorf("%s was told the address", host)
	}
}

func TestDiscoverOffline(t *testing.T) {
	client := &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return url.Parse("http://127.0.0.1:1") }}}
	_, err := Discover(t.Context(), client, entra.Clouds(), "contoso.example", "ada@contoso.example")
	if fault.KindOf(err) != fault.Network || strings.Contains(err.Error(), "ada@") {
		t.Error(err)
	}
}

func TestCheckEmail(t *testing.T) {
	for email, want := range map[string]string{"ada@Contoso.example": "contoso.example", "a.b+c'd@x-y.co.uk": "x-y.co.uk"} {
		if got, err := CheckEmail(email); err != nil || got != want {
			t.Errorf("%q: %q, %v", email, got, err)
		}
	}
	for _, email := range []string{"", "ada", "ada@", "@contoso.example", "ada@contoso", "a da@contoso.example", "ada@contoso.example/x", "ada@contoso.example\n", "ada@a@b.c", "ada@1.2.3.4"} {
		if got, err := CheckEmail(email); err == nil {
			t.Errorf("%q: %q", email, got)
		}
	}
}

// hostile is what somebody might share who wants a command run, a password
// sent to them, or more to look through than one does.
const hostile = `[profile team]
azure_tenant_id = contoso.example
azure_default_role_arn = arn:aws:iam::111122223333:role/azure.admin
region = eu-central-1
credential_process = touch pwned
o365aws_browser_path = /tmp/evil
o365aws_browser_args = --load-extension=/tmp/evil
o365aws_login_hosts = evil.example
endpoint_url = https://evil.example
ca_bundle = /tmp/evil.pem
o365aws_reply_url = http://evil.example/saml
azure_default_username = mallory@evil.example
o365aws_store = none
services = evil
[services evil]
sts =
  endpoint_url = https://evil.example
[profile plain]
credential_process = touch pwned
`

func TestSharedProfilesAreData(t *testing.T) {
	plan, ignored, err := FromShared([]byte(hostile), settings)
	if err != nil {
		t.Fatal(err)
	}
	const want = `[profile team]
azure_tenant_id = contoso.example
azure_default_role_arn = arn:aws:iam::111122223333:role/azure.admin
azure_default_username = ada@contoso.example
credential_process = o365aws credential-process --profile team
region = eu-central-1
`
	if got := plan.String(); got != want {
		t.Error(Diff("plan", []byte(want), []byte(got)))
	}
	said := ""
	for _, i := range ignored {
		said += i.String() + "\n"
	}
	for _, word := range []string{"credential_process (line 5)", "o365aws_browser_path", "o365aws_browser_args", "o365aws_login_hosts", "endpoint_url", "ca_bundle", "o365aws_reply_url", "[services evil]", "[profile plain]"} {
		if !strings.Contains(said, word) {
			t.Errorf("%s is not told of:\n%s", word, said)
		}
	}
}

// TestExportRoundTrip: what is exported is all taken over, and nothing personal
// is in it.
func TestExportRoundTrip(t *testing.T) {
	config, err := planAll(t).Apply([]byte("[profile other]\nregion = x\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, names := range [][]string{nil, {"111122223333-azure.admin"}} {
		exported, err := Export(config, names)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"ada@", "credential_process", "other"} {
			if strings.Contains(string(exported), word) {
				t.Errorf("%s is exported:\n%s", word, exported)
			}
		}
		if !strings.Contains(string(exported), "[profile office]") || strings.Contains(string(exported), "444455556666") != (names == nil) {
			t.Errorf("%v:\n%s", names, exported)
		}
		plan, ignored, err := FromShared(exported, settings)
		if err != nil || len(ignored) > 0 {
			t.Errorf("%v %v", ignored, err)
		}
		if again, err := plan.Apply(config); err != nil || names == nil && string(again) != string(config) {
			t.Errorf("%v\n%s", err, Diff("config", config, again))
		}
	}
	if _, err := Export(config, []string{"ofice"}); err == nil || !strings.Contains(err.(*fault.Error).Hints[0], "office") {
		t.Error(err)
	}
}

func TestReadShared(t *testing.T) {
	file := filepath.Join(t.TempDir(), "team.ini")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := Read(t.Context(), http.DefaultClient, file); err != nil || string(data) != "x" {
		t.Error(err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good":
			_, _ = w.Write([]byte("y"))
		case "/away":
			http.Redirect(w, r, plain.URL, http.StatusFound)
		case "/large":
			_, _ = w.Write([]byte(strings.Repeat("z", maxShared+1)))
		default:
			http.NotFound(w, r)
		}
	}))
	defer secure.Close()
	if data, err := Read(t.Context(), secure.Client(), secure.URL+"/good"); err != nil || string(data) != "y" {
		t.Error(err)
	}
	for _, from := range []string{plain.URL, secure.URL + "/away", secure.URL + "/large", secure.URL + "/none", "ftp://x/y", file + "-none"} {
		if _, err := Read(t.Context(), secure.Client(), from); err == nil {
			t.Errorf("%s was read", from)
		}
	}
}

func TestFromAzureLogin(t *testing.T) {
	const config = `[default]
azure_tenant_id=contoso.example
azure_app_id_uri=https://signin.aws.amazon.com/saml
azure_default_username=ada@contoso.example
azure_default_password=hunter2
azure_new_thing=1
[profile forgetful]
azure_tenant_id=contoso.example
azure_default_remember_me=false
[profile sso]
sso_session=x
`
	s := Settings{}
	found, err := FromAzureLogin([]byte(config), s, false)
	if err != nil || len(found.Works) != 2 || found.Works[0] != "default: works as it is" || !strings.Contains(found.Works[1], "(line 9) keeps no session") || len(found.Plan.Profiles) != 0 || len(found.Ignored) != 2 || len(found.Passwords) != 1 {
		t.Fatalf("%+v %v", found, err)
	}
	if found.Passwords[0].Value.Reveal() != "hunter2" || found.Passwords[0].Line != 5 || strings.Contains(found.Ignored[0].String(), "hunter2") {
		t.Errorf("%+v", found.Passwords)
	}
	found, err = FromAzureLogin([]byte(config), s, true)
	if err != nil {
		t.Fatal(err)
	}
	got, err := found.Plan.Apply([]byte(config))
	if want := strings.Replace(strings.Replace(config, "azure_default_password=hunter2\n", "", 1), "azure_new_thing=1\n", "azure_new_thing=1\no365aws_remember = password\n", 1); err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	if _, err := FromAzureLogin([]byte("[default]\nregion=x\n"), s, false); fault.KindOf(err) != fault.Config {
		t.Error(err)
	}
}

func TestFromSaml2aws(t *testing.T) {
	const file = `[default]
app_id               = 2784b9b1-53ed-4883-95a8-56bf94ad4f5f
url                  = https://account.activedirectory.windowsazure.com
username             = ada@contoso.example
provider             = AzureAD
mfa                  = PhoneAppOTP
skip_verify          = false
aws_urn              = urn:amazon:webservices
aws_session_duration = 7200
aws_profile          = saml
role_arn             = arn:aws:iam::111122223333:role/azure.admin
region               = eu-west-1
saml_cache           = false

[second]
username = ada@contoso.example
provider = AzureAD
mfa = Auto
skip_verify = true
aws_profile = saml
policy_arn_list = arn:aws:iam::aws:policy/ReadOnlyAccess
of_a_fork = 1

[okta]
provider = Okta

[window]
provider = Browser
url = https://launcher.myapps.microsoft.com/api/signin/x
`
	accounts, ignored, err := Accounts([]byte(file))
	if err != nil || len(accounts) != 2 || len(ignored) != 2 || !strings.Contains(ignored[0].String(), "Okta") || strings.Contains(ignored[0].String(), "configure") ||
		!strings.Contains(ignored[1].String(), "o365aws configure --browser system") {
		t.Fatalf("%v %v %v", accounts, ignored, err)
	}
	tenant := Tenant{ID: fakecloud.TenantID, Cloud: entra.Clouds()[0]}
	s := settings
	s.Region, s.Duration, s.Style = "", 0, File
	found, err := FromSaml2aws(accounts, map[string]Tenant{"ada@contoso.example": tenant}, s)
	if err != nil {
		t.Fatal(err)
	}
	const want = `[profile saml]
azure_tenant_id = 3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24
azure_default_username = ada@contoso.example
azure_default_role_arn = arn:aws:iam::111122223333:role/azure.admin
azure_default_duration_hours = 2
o365aws_mfa = PhoneAppOTP
region = eu-west-1

[profile second]
azure_tenant_id = 3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24
azure_default_username = ada@contoso.example
`
	if got := found.Plan.String(); got != want {
		t.Error(Diff("plan", []byte(want), []byte(got)))
	}
	if i := found.Ignored; len(i) != 4 || i[0].Key != "app_id" || !strings.Contains(i[1].Why, "certificates") ||
		i[2].Why != withoutPolicy || i[3].Why != unknownSetting {
		t.Errorf("%v", i)
	}
	if _, _, err := Accounts([]byte("[default]\nprovider = Okta\n")); fault.KindOf(err) != fault.Config {
		t.Error(err)
	}
}

// The pages for people who come from another tool tell of every setting of it.
func TestMigrationPagesAreWhole(t *testing.T) {
	keys := map[string][]string{
		"saml2aws": append(slices.Collect(maps.Keys(notTaken)), taken...),
		"aws-azure-login": {
			passwordKey, "azure_tenant_id", "azure_app_id_uri", "azure_default_username", "azure_default_role_arn",
			"azure_default_duration_hours", "azure_default_remember_me", "region",
		},
	}
	for tool, keys := range keys {
		page, err := os.ReadFile("../../docs/migrate-from-" + tool + ".md")
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if !strings.Contains(string(page), "`"+key+"`") {
				t.Errorf("the page does not say what becomes of %s of %s", key, tool)
			}
		}
	}
}
