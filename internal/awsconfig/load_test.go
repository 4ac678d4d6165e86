package awsconfig

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
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
[profile chained]
role_arn = arn:aws:iam::111122223333:role/x
source_profile = corp
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

// Flags override the environment, which overrides the profile, which overrides its
// base. A profile inherits only o365aws and azure keys.
func TestPrecedence(t *testing.T) {
	env := map[string]string{"azure_tenant_id": "lower.example", "AWS_REGION": "eu-west-1", "AZURE_APP_ID_URI": ""}
	p, err := load(t, env, "a.b/c@d", Flags{"region": "ap-south-1"})
	if err != nil {
		t.Fatal(err)
	}
	if p.TenantID != "lower.example" || p.AppIDURI != "https://signin.aws.amazon.com/saml#2" || p.Region != "ap-south-1" ||
		p.Username != "ada@contoso.example" || p.Duration != 90*time.Minute ||
		!p.RememberMe ||
		p.STSEndpoint != "https://sts.example" ||
		!slices.Equal(p.LoginHosts, []string{"fs.contoso.example", "b.example"}) ||
		p.Browser != "headless" {
		t.Errorf("got %+v", p)
	}
	if p.Source["azure_tenant_id"] != "environment variable azure_tenant_id" ||
		!strings.HasPrefix(p.Source["azure_default_username"], "[profile corp]") {
		t.Errorf("sources %v", p.Source)
	}
	if p, err = load(t, nil, "a.b/c@d", nil); err != nil || p.Region != "" {
		t.Errorf("got region %q from the base, %v", p.Region, err)
	}
}

// Every setting is read from its variable, which is recorded as its source.
func TestEverySetting(t *testing.T) {
	env := map[string]string{
		"AZURE_TENANT_ID": "t", "AZURE_APP_ID_URI": "app", "AZURE_DEFAULT_USERNAME": "u", "AZURE_DEFAULT_ROLE_ARN": "arn", "AZURE_DEFAULT_DURATION_HOURS": "12",
		"AZURE_DEFAULT_REMEMBER_ME": "on", "O365AWS_BROWSER": "visible", "O365AWS_BROWSER_PATH": "/b", "O365AWS_BROWSER_ARGS": "--a  --b", "O365AWS_BROWSER_PROFILE": "kept",
		"O365AWS_MFA": "totp", "O365AWS_DEVICE": "required", "O365AWS_REPLY_URL": "http://localhost:1/x", "O365AWS_LOGIN_HOSTS": "A.example\tb.example", "O365AWS_POLICY_ARNS": "arn:a, arn:b", "O365AWS_ACS_URL": "https://acs", "O365AWS_PROVIDER_ARN": "arn:p", "O365AWS_AGENT": "read-only", "O365AWS_CLOUD": "usgov", "O365AWS_STORE": "file",
		"O365AWS_REMEMBER": "none", "O365AWS_PROCESS": "system", "AWS_DEFAULT_REGION": "r", "AWS_CA_BUNDLE": "/ca", "AWS_ENDPOINT_URL": "https://e",
		"AWS_STS_REGIONAL_ENDPOINTS": "legacy", "AWS_USE_FIPS_ENDPOINT": "yes", "AWS_USE_DUALSTACK_ENDPOINT": "1",
		"O365AWS_TRAIL": "none", "O365AWS_PASSWORD_COMMAND": "pass aws", "O365AWS_TOTP_COMMAND": "pass totp",
	}
	for _, setting := range Settings {
		found := len(setting.Env) == 0
		for _, name := range setting.Env {
			_, set := env[name]
			found = found || set
		}
		if !found && !slices.Contains([]string{"ignore_configured_endpoint_urls", "region"}, setting.Key) {
			t.Errorf("%s has no variable in this test", setting.Key)
		}
	}
	got, err := load(t, env, "default", Flags{"region": "flag"})
	want := Profile{
		Name: "default", TenantID: "t", AppIDURI: "app", Username: "u", RoleARN: "arn", Duration: 12 * time.Hour, RememberMe: true, Region: "flag", Browser: "visible",
		BrowserPath: "/b", BrowserArgs: []string{"--a", "--b"}, BrowserProfile: "persistent", MFA: "totp", Device: "required", ReplyURL: "http://localhost:1/x", LoginHosts: []string{"a.example", "b.example"}, PolicyARNs: []string{"arn:a", "arn:b"}, ACSURL: "https://acs", ProviderARN: "arn:p", Agent: "read-only",
		Cloud: "usgov", Store: "file", Remember: "none", Process: "system", Trail: "none", PasswordCommand: "pass aws", TOTPCommand: "pass totp", CABundle: "/ca", STSEndpoint: "https://e", LegacySTS: true, FIPS: true, DualStack: true, Source: got.Source,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	if got.Source["region"] != "the command line" || got.Source["ca_bundle"] != "environment variable AWS_CA_BUNDLE" {
		t.Errorf("sources %v", got.Source)
	}
	plain, err := load(
		t,
		map[string]string{
			"azure_tenant_id": "t", "AWS_ENDPOINT_URL": "https://e", "AWS_ENDPOINT_URL_STS": "https://sts",
		},
		"default",
		nil,
	)
	want = Profile{
		Name: "default", TenantID: "t", AppIDURI: "https://signin.aws.amazon.com/saml", Region: "eu-central-1", Browser: "headless", BrowserArgs: []string{}, BrowserProfile: "temporary", Device: "auto",
		ReplyURL: "http://localhost:8365/saml", LoginHosts: []string{}, PolicyARNs: []string{}, Cloud: "global", Store: "auto", Process: "silent", Trail: "last", STSEndpoint: "https://sts", Source: plain.Source,
	}
	if err != nil || !reflect.DeepEqual(plain, want) || plain.Source["o365aws_store"] != "default" {
		t.Errorf("got %+v, %v\nwant %+v", plain, err, want)
	}
}

// The STS endpoint is determined in the same order as in the AWS tools: the variable of
// the service, that of all services, the services section, the profile. A setting can
// disable all of them.
func TestEndpoint(t *testing.T) {
	both := "[profile both]\nazure_tenant_id = x\nendpoint_url = https://all\nservices = local\n[profile own]\nazure_tenant_id = x\nendpoint_url = https://all\nignore_configured_endpoint_urls = true\n" +
		"[profile all]\nazure_tenant_id = x\nendpoint_url = https://all\nservices = other\n[services other]\ns3 =\n  endpoint_url = https://s3\n[services local]\nsts =\n  endpoint_url = https://sts.example\n"
	paths := pathsWith(t, "")
	if err := os.WriteFile(paths.Config, []byte(both), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		profile, want string
		env           map[string]string
	}{
		{"both", "https://sts.example", nil},
		{"all", "https://all", nil},
		{"own", "", nil},
		{"both", "https://e", map[string]string{"AWS_ENDPOINT_URL": "https://e"}},
		{"both", "https://s", map[string]string{"AWS_ENDPOINT_URL": "https://e", "AWS_ENDPOINT_URL_STS": "https://s"}},
		{"both", "", map[string]string{"AWS_ENDPOINT_URL_STS": "https://s", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}},
	} {
		t.Run(fmt.Sprintln(row.profile, row.env), func(t *testing.T) {
			p, err := Load(paths, func(k string) string { return row.env[k] }, row.profile, nil)
			if err != nil || p.STSEndpoint != row.want {
				t.Errorf("got %q, %v, want %q", p.STSEndpoint, err, row.want)
			}
		})
	}
	_, err := load(t, map[string]string{"AWS_STS_REGIONAL_ENDPOINTS": "global"}, "corp", nil)
	if fault.KindOf(err) != fault.Config {
		t.Errorf("sts_regional_endpoints = global: got %v", err)
	}
}

// Durations within AWS's limits are accepted, in hours or seconds; hours override
// seconds.
func TestDurations(t *testing.T) {
	for _, row := range []struct {
		hours, seconds string
		want           time.Duration
	}{
		{"0.25", "", 15 * time.Minute},
		{"12", "", 12 * time.Hour},
		{"0.24", "", -1},
		{"12.01", "", -1},
		{"NaN", "", -1},
		{"1h", "", -1},
		{"2", "900", 2 * time.Hour},
		{"", "900", 15 * time.Minute},
		{"", "43200", 12 * time.Hour},
		{"", "899", -1},
		{"", "43201", -1},
		{"", "x", -1},
		{"", "", 0},
	} {
		t.Run(row.hours+" h "+row.seconds+" s", func(t *testing.T) {
			env := map[string]string{"AZURE_DEFAULT_DURATION_HOURS": row.hours}
			p, err := load(t, env, "corp", Flags{"duration_seconds": row.seconds})
			if (err == nil) != (row.want >= 0) || err == nil && p.Duration != row.want ||
				err != nil && fault.KindOf(err) != fault.Config {
				t.Errorf("got %v, %v, want %v", p.Duration, err, row.want)
			}
		})
	}
}

// Booleans are accepted in the spellings of the AWS tools; other values are an error.
func TestBooleans(t *testing.T) {
	for text, want := range map[string]bool{"true": true, "Yes": true, "1": true, "on": true, "FALSE": false, "no": false, "0": false, "off": false} {
		t.Run(text, func(t *testing.T) {
			p, err := load(t, map[string]string{"AWS_USE_FIPS_ENDPOINT": text}, "corp", nil)
			if err != nil || p.FIPS != want {
				t.Errorf("got %v, %v, want %v", p.FIPS, err, want)
			}
		})
	}
	for _, key := range []string{"AZURE_DEFAULT_REMEMBER_ME", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"} {
		t.Run(key, func(t *testing.T) {
			if _, err := load(t, map[string]string{key: "maybe"}, "corp", nil); fault.KindOf(err) != fault.Config {
				t.Errorf("got %v, want an error", err)
			}
		})
	}
}

// ProfileNames returns all profiles. LoadAll returns those with a tenant or a base, and
// the error of each.
func TestProfiles(t *testing.T) {
	paths := pathsWith(t, "")
	if err := os.WriteFile(paths.Config, []byte(config1+"[profile plain]\nregion = r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	names, err := ProfileNames(paths)
	if err != nil || !slices.Equal(names, []string{"default", "corp", "a.b/c@d", "loop", "bad", "chained", "plain"}) {
		t.Errorf("%q %v", names, err)
	}
	all, err := LoadAll(paths, func(string) string { return "" })
	var ours []string
	for _, l := range all {
		if (l.Err == nil) != (l.Profile.Name == "corp" || l.Profile.Name == "a.b/c@d") {
			t.Errorf("%s: %v", l.Profile.Name, l.Err)
		}
		ours = append(ours, l.Profile.Name)
	}
	if err != nil || !slices.Equal(ours, []string{"corp", "a.b/c@d", "loop", "bad"}) {
		t.Errorf("%q %v", ours, err)
	}
	for name, want := range map[string]string{"corp": "flag.example", "new": "flag.example", "bad": ""} {
		t.Run("draft of "+name, func(t *testing.T) {
			p, err := Draft(paths, func(string) string { return "" }, name, Flags{"azure_tenant_id": want})
			if p.Name != name || p.TenantID != want || (err == nil) != (want != "") ||
				want != "" && (p.Username == "ada@contoso.example") != (name == "corp") {
				t.Errorf("got %+v, %v", p, err)
			}
		})
	}
}

// Errors name the setting, its line and the nearest valid name.
func TestLoadFaults(t *testing.T) {
	for name, want := range map[string]string{
		"copr": `did you mean "corp"?`, "loop": "refers back to itself", "bad": "config:19",
		"default": "--profile corp or a.b/c@d",
		"chained": "it gets its credentials from role_arn",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, nil, name, nil)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Config {
				t.Fatalf("got %v, want an error of kind %v", err, fault.Config)
			}
			if all := f.Error() + strings.Join(f.Hints, " "); !strings.Contains(all, want) {
				t.Errorf("got %s, want %s", all, want)
			}
		})
	}
}

// A misspelled value is refused: it could save a session that the user does not want.
func TestChoices(t *testing.T) {
	for _, c := range choices {
		t.Run(c.key, func(t *testing.T) {
			variable := settingOf(c.key).Env[0]
			_, err := load(t, map[string]string{variable: c.values[0] + "s"}, "corp", nil)
			want := "is not one of " + strings.Join(c.values, ", ")
			if fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), want) {
				t.Errorf("misspelled: got %v, want %s", err, want)
			}
			for _, value := range c.values {
				if _, err := load(t, map[string]string{variable: value}, "corp", nil); err != nil {
					t.Errorf("%s: got %v", value, err)
				}
			}
		})
	}
}

// A file in an encoding that AWS tools do not support causes an error with the name of
// the encoding.
func TestUTF16(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte("\xff\xfe[\x00a\x00]\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path); fault.KindOf(err) != fault.Config ||
		!strings.Contains(err.Error(), "is encoded in UTF-16") {
		t.Errorf("got %v, want an error that names UTF-16", err)
	}
}
