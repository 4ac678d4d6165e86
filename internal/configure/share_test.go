package configure

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
)

// hostile tries to run a command and to receive a password, and hides both in a long
// file.
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

// An export can be imported completely and contains no personal data.
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
		if !strings.Contains(string(exported), "[profile office]") ||
			strings.Contains(string(exported), "444455556666") != (names == nil) {
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
	if _, err := Export(config, []string{"ofice"}); err == nil ||
		!strings.Contains(err.(*fault.Error).Hints[0], "office") {
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
	if err := os.WriteFile(file, []byte("\xff\xfex\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := Read(t.Context(), http.DefaultClient, file); err != nil || string(data) != "x" {
		t.Errorf("UTF-16: got %q, %v, want x", data, err)
	}
	plain := httptest.NewServer(
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")) }),
	)
	defer plain.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good":
			_, _ = w.Write([]byte("y"))
		case "/away":
			http.Redirect(w, r, plain.URL, http.StatusFound)
		case "/just":
			_, _ = w.Write([]byte(strings.Repeat("z", maxShared)))
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
	if data, err := Read(t.Context(), secure.Client(), secure.URL+"/just"); err != nil || len(data) != maxShared {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	for from, want := range map[string]fault.Kind{
		plain.URL: fault.Config, secure.URL + "/away": fault.Network, secure.URL + "/large": fault.Config, secure.URL + "/none": fault.Network,
		"ftp://x/y": fault.Config, file + "-none": fault.Config, "https://127.0.0.1:1/": fault.Network, "https://a b/": fault.Config,
	} {
		if data, err := Read(t.Context(), secure.Client(), from); fault.KindOf(err) != want || data != nil {
			t.Errorf("%s: %q, %v", from, data, err)
		}
	}
}

// All settings that may be shared are exported and imported.
func TestSharedSettings(t *testing.T) {
	const all = `[profile office]
azure_tenant_id = contoso.example
azure_app_id_uri = https://signin.aws.amazon.com/saml/2
azure_default_role_arn = arn:aws:iam::111122223333:role/x
azure_default_duration_hours = 2
azure_default_remember_me = true
o365aws_browser = system
o365aws_cloud = usgov
o365aws_mfa = push
o365aws_reply_url = http://localhost:8366/saml
region = eu-west-1
output = json
duration_seconds = 7200
sts_regional_endpoints = legacy
use_fips_endpoint = true
use_dualstack_endpoint = true
`
	exported, err := Export([]byte(all), nil)
	if _, got, _ := strings.Cut(string(exported), "\n"); err != nil || got != all {
		t.Errorf("%v\n%s", err, Diff("config", []byte(all), []byte(got)))
	}
	plan, ignored, err := FromShared(exported, Settings{})
	if got, applied := plan.Apply([]byte(all)); err != nil || applied != nil || len(ignored) > 0 || string(got) != all {
		t.Errorf("%v %v %v\n%s", err, applied, ignored, Diff("config", []byte(all), got))
	}
}

// A base without a role gets no credential_process. A base with a role does, and so do
// the profiles that inherit from it.
func TestSharedBases(t *testing.T) {
	const shared = `[profile office]
azure_tenant_id = contoso.example
[profile lead]
azure_tenant_id = contoso.example
azure_default_role_arn = arn:aws:iam::111122223333:role/lead
[profile dev]
o365aws_base = office
azure_default_role_arn = arn:aws:iam::111122223333:role/dev
[profile test]
o365aws_base = lead
[services x]
azure_tenant_id = contoso.example
`
	plan, ignored, err := FromShared([]byte(shared), settings)
	if err != nil || len(ignored) != 1 || ignored[0].Where != "[services x]" {
		t.Fatalf("%v %v", ignored, err)
	}
	const want = `[profile office]
azure_tenant_id = contoso.example
azure_default_username = ada@contoso.example

[profile lead]
azure_tenant_id = contoso.example
azure_default_role_arn = arn:aws:iam::111122223333:role/lead
azure_default_username = ada@contoso.example
credential_process = o365aws credential-process --profile lead

[profile dev]
o365aws_base = office
azure_default_role_arn = arn:aws:iam::111122223333:role/dev
credential_process = o365aws credential-process --profile dev

[profile test]
o365aws_base = lead
credential_process = o365aws credential-process --profile test
`
	if got := plan.String(); got != want {
		t.Error(Diff("plan", []byte(want), []byte(got)))
	}
}

// Files that cannot be shared or imported are refused.
func TestNothingToShare(t *testing.T) {
	if _, err := Export([]byte("[profile other]\nregion = x\n[services x]\nazure_tenant_id = y\n"), nil); fault.KindOf(
		err,
	) != fault.Config {
		t.Errorf("nothing of ours: %v", err)
	}
	circle := "[profile a]\no365aws_base = b\n[profile b]\no365aws_base = a\n"
	if exported, err := Export([]byte(circle), []string{"a"}); err != nil ||
		!strings.Contains(string(exported), "[profile b]") {
		t.Errorf("bases in a circle: %v\n%s", err, exported)
	}
	for _, shared := range []string{"", "[profile other]\nregion = x\n", "[profile team]\nazure_tenant_id = x\nwhat is this\n"} {
		if _, _, err := FromShared([]byte(shared), settings); fault.KindOf(err) != fault.Config {
			t.Errorf("%q: %v", shared, err)
		}
	}
	if _, _, err := FromShared([]byte("[profile a'b]\nazure_tenant_id = x\n"), Settings{Style: Process, ProcessCommand: ProcessCommand("/usr/bin/o365aws", "linux")}); err == nil {
		t.Error("a profile without its credential_process is accepted")
	}
}
