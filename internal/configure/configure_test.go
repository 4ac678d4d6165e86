package configure

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
)

var settings = Settings{
	TenantID: "3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24", Username: "ada@contoso.example", AppIDURI: DefaultAppIDURI, Cloud: "global",
	Region: "eu-central-1", Duration: 90 * time.Minute, Style: Process,
	ProcessCommand: func(profile string) (string, error) { return "o365aws credential-process --profile " + profile, nil },
}

var roles = []Role{
	{ARN: "arn:aws:iam::444455556666:role/azure.reader", Account: "444455556666", Name: "azure.reader"},
	{
		ARN: "arn:aws:iam::111122223333:role/teams/data/azure.admin", Account: "111122223333", Alias: "prod",
		Name: "azure.admin",
	},
}

// planAll returns a plan with a base and a profile for each role.
func planAll(t *testing.T) Plan {
	t.Helper()
	base, err := settings.Base("office")
	if err != nil {
		t.Fatal(err)
	}
	plan := Plan{Profiles: []Profile{base}}
	names, err := Names(DefaultTemplate, roles)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range roles {
		p, err := settings.ForRole(names[i], "office", r)
		if err != nil {
			t.Fatal(err)
		}
		plan.Profiles = append(plan.Profiles, p)
	}
	return plan
}

func TestPlanWrites(t *testing.T) {
	const want = `[profile office]
azure_tenant_id = 3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24
azure_default_username = ada@contoso.example
azure_default_duration_hours = 1.5
credential_process = o365aws credential-process --profile office
region = eu-central-1

[profile 444455556666-azure.reader]
o365aws_base = office
azure_default_role_arn = arn:aws:iam::444455556666:role/azure.reader
azure_default_duration_hours = 1.5
credential_process = o365aws credential-process --profile 444455556666-azure.reader
region = eu-central-1

[profile 111122223333-azure.admin]
o365aws_base = office
azure_default_role_arn = arn:aws:iam::111122223333:role/teams/data/azure.admin
azure_default_duration_hours = 1.5
credential_process = o365aws credential-process --profile 111122223333-azure.admin
region = eu-central-1
`
	if got := planAll(t).String(); got != want {
		t.Error(Diff("plan", []byte(want), []byte(got)))
	}
}

// A base has the settings of the user without default values.
func TestBaseWrites(t *testing.T) {
	s := Settings{
		TenantID: "contoso.example", Username: "ada@contoso.example", AppIDURI: "https://signin.aws.amazon.com/saml/2", Cloud: "usgov", Browser: "system",
		RoleARN: "arn:aws-us-gov:iam::111122223333:role/x", LoginHosts: []string{"adfs.contoso.example", "sso.contoso.example"}, Style: Process,
		ProcessCommand: settings.ProcessCommand, RegionFor: func(role, cloud string) string { return cloud + "-" + role[len(role)-1:] },
	}
	const want = `[profile office]
azure_tenant_id = contoso.example
azure_app_id_uri = https://signin.aws.amazon.com/saml/2
azure_default_username = ada@contoso.example
azure_default_role_arn = arn:aws-us-gov:iam::111122223333:role/x
o365aws_cloud = usgov
o365aws_login_hosts = adfs.contoso.example,sso.contoso.example
o365aws_browser = system
credential_process = o365aws credential-process --profile office
region = usgov-x
`
	p, err := s.Base("office")
	if got := (Plan{Profiles: []Profile{p}}).String(); err != nil || got != want {
		t.Errorf("%v\n%s", err, Diff("plan", []byte(want), []byte(got)))
	}
	s.Region = "us-gov-east-1" // chosen by the user
	if p, err := s.Base("office"); err != nil || p.Default[0].Value != s.Region {
		t.Errorf("%+v, %v", p.Default, err)
	}
	s.SetRegion = true // and by name
	for _, present := range []string{"", "[profile office]\nregion = us-gov-west-1\n"} {
		p, err := s.Base("office")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := (Plan{Profiles: []Profile{p}}).Apply([]byte(present)); err != nil ||
			!strings.Contains(string(got), "\nregion = us-gov-east-1\n") ||
			strings.Contains(string(got), "west") {
			t.Errorf("%v\n%s", err, got)
		}
	}
	if p, err := (Settings{}).Base("office"); err != nil || len(p.Default) > 0 {
		t.Errorf("of nothing: %+v, %v", p.Default, err)
	}
	s.ProcessCommand = func(string) (string, error) { return "", fault.New(fault.Config, "no such name") }
	if _, err := s.Base("office"); err == nil {
		t.Error("a profile without its credential_process is accepted")
	}
}

// A file that cannot be edited causes an error and remains unchanged.
func TestRefusedEdit(t *testing.T) {
	const before = "[profile other]\nregion = x\n[ profile office ]\nregion = y\n"
	if got, err := planAll(t).Apply([]byte(before)); err == nil || got != nil {
		t.Errorf("%v\n%s", err, got)
	}
	if got, err := planAll(t).Unshadow([]byte("[other]\nx = y\n[ office ]\naws_access_key_id = ASIA1\naws_session_token = y\n")); err == nil ||
		got != nil {
		t.Errorf("%v\n%s", err, got)
	}
}

// A second run changes nothing, and other settings are preserved byte for byte.
func TestApplyIsIdempotent(t *testing.T) {
	const before = "# mine\r\n[profile other]\r\nregion=us-west-2 \r\ns3 =\r\n  max = 1\r\n\r\n[profile office]\r\nregion = eu-west-1\r\noutput = json\r\n"
	plan := planAll(t)
	once, err := plan.Apply([]byte(before))
	if err != nil {
		t.Fatal(err)
	}
	twice, err := plan.Apply(once)
	if err != nil || !bytes.Equal(once, twice) {
		t.Errorf("%v\n%s", err, Diff("config", once, twice))
	}
	for _, kept := range []string{"# mine\r\n[profile other]\r\nregion=us-west-2 \r\ns3 =\r\n  max = 1\r\n\r\n", "[profile office]\r\nregion = eu-west-1\r\noutput = json\r\nazure_tenant_id"} {
		if !strings.Contains(string(once), kept) {
			t.Errorf("%q is not kept:\n%s", kept, once)
		}
	}
}

func TestStyleFile(t *testing.T) {
	s := settings
	s.Style = File
	p, err := s.Base("default")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Plan{
		Profiles: []Profile{p},
	}.Apply(
		[]byte("[default]\ncredential_process = /opt/o365aws credential-process\n"),
	)
	if err != nil || strings.Contains(string(got), "credential_process") {
		t.Errorf("%v\n%s", err, got)
	}
}

// A profile of another tool is changed only with --force.
func TestForeignProfiles(t *testing.T) {
	for _, setting := range []string{"sso_session = corp", "role_arn = arn:aws:iam::111122223333:role/x", "source_profile = a", "credential_process = vault", "credential_process = aws-login credential-process", "credential_process = o365aws-of-old export", "web_identity_token_file = x"} {
		t.Run(setting, func(t *testing.T) {
			data := []byte("[profile office]\nregion = us-east-1\n" + setting + "\n")
			_, err := planAll(t).Apply(data)
			if fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "line 3") {
				t.Errorf("got %v, want an error for line 3", err)
			}
			plan := planAll(t)
			plan.Force = true
			plan.Profiles[0].Set = append(plan.Profiles[0].Set, awsconfig.KV{Key: "credential_process", Value: "o365aws x"})
			got, err := plan.Apply(data)
			if err != nil || strings.Contains(string(got), setting+"\n") {
				t.Errorf("with force: got %v\n%s", err, got)
			}
		})
	}
}

func TestUnshadow(t *testing.T) {
	plan := planAll(t)
	const before = "[other]\naws_access_key_id = AKIA1\n[office]\naws_access_key_id = ASIA1\naws_secret_access_key = x\naws_session_token = y\naws_expiration = z\nmine = 1\n" +
		"[444455556666-azure.reader]\nregion = x\n[111122223333-azure.admin]\naws_access_key_id = ASIA2\naws_security_token = of long ago\n"
	got, err := plan.Unshadow([]byte(before))
	if want := "[other]\naws_access_key_id = AKIA1\n[office]\nmine = 1\n[444455556666-azure.reader]\nregion = x\n[111122223333-azure.admin]\n"; err != nil ||
		string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	const longLived = "[office]\naws_access_key_id = AKIA1\naws_secret_access_key = x\n"
	if _, err := plan.Unshadow([]byte(longLived)); fault.KindOf(err) != fault.Config {
		t.Errorf("long-lived keys: %v", err)
	}
	s := settings
	s.Style = File
	p, err := s.Base("office")
	if err != nil {
		t.Fatal(err)
	}
	for _, credentials := range []string{longLived, longLived + "aws_session_token = y\n"} { // the settings that the style changes
		if got, err := (Plan{Profiles: []Profile{p}}).Unshadow([]byte(credentials)); err != nil ||
			string(got) != credentials {
			t.Errorf("%v\n%s", err, got)
		}
	}
}

func TestNames(t *testing.T) {
	for template, want := range map[string]string{
		DefaultTemplate: "444455556666-azure.reader 111122223333-azure.admin", "{alias}/{role}": "444455556666/azure.reader prod/azure.admin",
		"x-{path}": "x-azure.reader x-teams.data.azure.admin",
	} {
		names, err := Names(template, roles)
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("%s: %s, %v", template, got, err)
		}
	}
	if names, err := Names("prod", roles[:1]); err != nil || names[0] != "prod" {
		t.Errorf("one role: %q, %v", names, err)
	}
	if names, err := Names("{alias}", []Role{{Alias: "the prod one"}}); err != nil || names[0] != "the-prod-one" {
		t.Errorf("an alias of words: %q, %v", names, err)
	}
	twins := []Role{
		{ARN: "arn:aws:iam::1:role/a/x", Account: "1", Name: "x"},
		{ARN: "arn:aws:iam::1:role/b/x", Account: "1", Name: "x"},
	}
	for template, roles := range map[string][]Role{
		"same": roles, "{account}": roles, "{nope}-{role}": roles, "a  b {role}": roles, "{role}]\nx": roles, "{account}-{role}": twins,
	} {
		if names, err := Names(template, roles); err == nil || fault.KindOf(err) != fault.Config {
			t.Errorf("%q: %q, %v", template, names, err)
		}
	}
	if names, err := Names("{account}-{path}", twins); err != nil || names[0] == names[1] {
		t.Errorf("%q, %v", names, err)
	}
}

func TestParseAccessURL(t *testing.T) {
	const app, tenant = "2784b9b1-53ed-4883-95a8-56bf94ad4f5f", "8273303e-1e63-49f2-9812-43c86b5b11ec"
	for _, address := range []string{
		"https://myapps.microsoft.com/signin/AWS/" + app + "?correlationId=11111111-2222-3333-4444-555555555555&tenantId=" + tenant,
		"https://myapps.microsoft.com/signin/AWS%20Prod/" + app + "?tenantId=" + tenant,
		" https://launcher.myapps.microsoft.com/api/signin/" + strings.ToUpper(app) + "?tenantId=" + tenant + "\n",
		"https://account.activedirectory.windowsazure.com/applications/redirecttofederatedapplication.aspx?Operation=SignIn&applicationId=" + app + "&tenantId=" + tenant,
	} {
		if got, err := ParseAccessURL(address); err != nil || got != (AccessURL{tenant, app}) {
			t.Errorf("%s: %v, %v", address, got, err)
		}
	}
	for _, address := range []string{
		"", "http://myapps.microsoft.com/signin/x/" + app, "https://myapps.microsoft.com.evil.example/signin/x/" + app, "https://myapps.microsoft.com/signin/x",
		"https://ada:x@myapps.microsoft.com/signin/x/" + app, "https://evil.example/?applicationId=" + app, "::",
		"https://account.activedirectory.windowsazure.com/?applicationId=aws",
	} {
		if got, err := ParseAccessURL(address); err == nil || fault.KindOf(err) != fault.Config {
			t.Errorf("%q: %v, %v", address, got, err)
		}
	}
}

// The format is that of diff -u.
func TestDiff(t *testing.T) {
	const want = "--- f\n+++ f\n@@ -1,4 +1,5 @@\n-a\n+A\n+B\n b\n c\n d\n@@ -9,4 +10,4 @@\n i\n j\n k\n-l\n+L\n\\ No newline at end of file\n"
	if got := Diff("f", []byte("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n"), []byte("A\nB\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nL")); got != want {
		t.Errorf("it is\n%s", got)
	}
}
