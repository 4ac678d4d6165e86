package awsconfig

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
)

const config1 = `[default]
region = eu-central-1
[profile corp]
azure_tenant_id = contoso.example
azure_app_id_uri = https://signin.aws.amazon.com/saml#2
azure_default_username = ada@contoso.example
o365aws_login_hosts = FS.contoso.example, b.example
region = us-east-1
[profile a.b/c@d]
o365aws_base = corp
AZURE_DEFAULT_DURATION_HOURS = 1.5
azure_default_remember_me = true
services = local
[profile loop]
o365aws_base = loop
[profile bad]
azure_tenant_id = x

azure_default_duration_hours = 99
[services local]
sts =
  endpoint_url = https://sts.example
`

func load(t *testing.T, env map[string]string, name string, flags Flags) (Profile, error) {
	t.Helper()
	paths := ResolvePaths(func(string) string { return "" }, t.TempDir())
	if err := os.MkdirAll(filepath.Dir(paths.Config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(paths.Config, []byte(config1), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(paths, func(k string) string { return env[k] }, name, flags)
}

// Flags win over the environment, that over the profile, that over its base;
// the base hands down only our keys.
func TestPrecedence(t *testing.T) {
	env := map[string]string{"azure_tenant_id": "lower.example", "AWS_REGION": "eu-west-1", "AZURE_APP_ID_URI": ""}
	p, err := load(t, env, "a.b/c@d", Flags{"region": "ap-south-1"})
	if err != nil {
		t.Fatal(err)
	}
	if p.TenantID != "lower.example" || p.AppIDURI != "https://signin.aws.amazon.com/saml#2" || p.Region != "ap-south-1" ||
		p.Username != "ada@contoso.example" || p.Duration != 90*time.Minute || !p.RememberMe || p.STSEndpoint != "https://sts.example" ||
		!slices.Equal(p.LoginHosts, []string{"fs.contoso.example", "b.example"}) || p.Browser != "headless" {
		t.Errorf("got %+v", p)
	}
	if p.Source["azure_tenant_id"] != "environment variable azure_tenant_id" || !strings.HasPrefix(p.Source["azure_default_username"], "[profile corp]") {
		t.Errorf("sources %v", p.Source)
	}
	if p, err = load(t, nil, "a.b/c@d", nil); err != nil || p.Region != "" {
		t.Errorf("region %q came down from the base, %v", p.Region, err)
	}
}

// Errors name the setting, its place and the nearest right name.
func TestLoadFaults(t *testing.T) {
	for name, want := range map[string]string{
		"copr": `did you mean "corp"?`, "loop": "leads back to itself", "bad": "config:19", "default": "has no tenant",
	} {
		_, err := load(t, nil, name, nil)
		if err == nil || fault.KindOf(err) != fault.Config {
			t.Errorf("%s: %v", name, err)
			continue
		}
		all := err.Error()
		if f, ok := err.(*fault.Error); ok {
			all += strings.Join(f.Hints, " ")
		}
		if !strings.Contains(all, want) {
			t.Errorf("%s: %s, want %s", name, all, want)
		}
	}
}

// A value that is none is no value: a session would be kept that shall not be.
func TestMisspeltChoices(t *testing.T) {
	for _, c := range choices {
		_, err := load(t, map[string]string{strings.ToUpper(c.key): c.values[0] + "s"}, "corp", nil)
		if fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "is not one of "+strings.Join(c.values, ", ")) {
			t.Errorf("%s: %v", c.key, err)
		}
		for _, value := range c.values {
			if _, err := load(t, map[string]string{strings.ToUpper(c.key): value}, "corp", nil); err != nil {
				t.Errorf("%s = %s: %v", c.key, value, err)
			}
		}
	}
}
