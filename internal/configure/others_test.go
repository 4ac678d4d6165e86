package configure

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/fault"
)

func TestCheckTenant(t *testing.T) {
	for tenant, want := range map[string]string{
		"Contoso.example": "contoso.example", strings.ToUpper(fakecloud.TenantID): fakecloud.TenantID,
		"": "", "contoso": "", "contoso.example/x": "", fakecloud.TenantID + "0": "",
	} {
		if got, err := CheckTenant(tenant); got != want || (fault.KindOf(err) == fault.Config) != (want == "") {
			t.Errorf("%q: %q, %v", tenant, got, err)
		}
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
output=json
[profile sso]
sso_session=x
[services x]
azure_tenant_id=contoso.example
`
	s := Settings{}
	found, err := FromAzureLogin([]byte(config), s, false)
	if err != nil || len(found.Works) != 2 || found.Works[0] != "default: works unchanged" ||
		!strings.Contains(found.Works[1], "(line 9) saves no session") ||
		len(found.Plan.Profiles) != 0 ||
		len(found.Ignored) != 2 ||
		len(found.Passwords) != 1 {
		t.Fatalf("%+v %v", found, err)
	}
	if p := found.Passwords[0]; p.Value.Reveal() != "hunter2" || p.Profile != "default" ||
		p.Tenant != "contoso.example" ||
		p.Username != "ada@contoso.example" ||
		p.Line != 5 ||
		strings.Contains(found.Ignored[0].String(), "hunter2") {
		t.Errorf("%+v", found.Passwords)
	}
	found, err = FromAzureLogin([]byte(config), s, true)
	if err != nil {
		t.Fatal(err)
	}
	got, err := found.Plan.Apply([]byte(config))
	if want := strings.Replace(strings.Replace(config, "azure_default_password=hunter2\n", "", 1), "azure_new_thing=1\n", "azure_new_thing=1\no365aws_remember = password\n", 1); err != nil ||
		string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	if found, err := FromAzureLogin([]byte(config), Settings{Style: File}, false); err != nil ||
		len(found.Plan.Profiles) != 2 {
		t.Errorf("%+v %v", found.Plan, err)
	}
	nameless := Settings{
		Style:          Process,
		ProcessCommand: func(string) (string, error) { return "", fault.New(fault.Config, "no such name") },
	}
	if _, err := FromAzureLogin([]byte(config), nameless, false); err == nil {
		t.Error("a profile without its credential_process is accepted")
	}
	for _, bad := range []string{"[default]\nregion=x\n", config + "what is this\n"} {
		if _, err := FromAzureLogin([]byte(bad), s, false); fault.KindOf(err) != fault.Config {
			t.Errorf("%q: %v", bad, err)
		}
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
	if err != nil || len(accounts) != 2 || len(ignored) != 2 || !strings.Contains(ignored[0].String(), "Okta") ||
		strings.Contains(ignored[0].String(), "configure") ||
		!strings.Contains(ignored[1].String(), "o365aws configure --browser system") {
		t.Fatalf("%v %v %v", accounts, ignored, err)
	}
	tenant := entra.Tenant{ID: fakecloud.TenantID, Cloud: entra.Clouds()[0]}
	s := settings
	s.TenantID, s.Username, s.Region, s.Duration, s.Style = "", "", "", 0, File
	found, err := FromSaml2aws(accounts, map[string]entra.Tenant{"ada@contoso.example": tenant}, s)
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

// Each setting of saml2aws alone, and none.
func TestSaml2awsSettings(t *testing.T) {
	s := Settings{Region: "us-east-2", Duration: time.Hour, Style: File} // of the command line, which wins
	for account, want := range map[string]string{
		"":                                 "[profile saml]\nazure_default_duration_hours = 1\nregion = us-east-2\n",
		"aws_profile = x":                  "[profile x]\nazure_default_duration_hours = 1\nregion = us-east-2\n",
		"aws_session_duration = 7200":      "[profile saml]\nazure_default_duration_hours = 1\nregion = us-east-2\n",
		"region = eu-west-1":               "[profile saml]\nazure_default_duration_hours = 1\nregion = us-east-2\n",
		"mfa = OneWaySMS":                  "[profile saml]\nazure_default_duration_hours = 1\no365aws_mfa = OneWaySMS\nregion = us-east-2\n",
		"mfa = PhoneAppNotification":       "[profile saml]\nazure_default_duration_hours = 1\no365aws_mfa = PhoneAppNotification\nregion = us-east-2\n",
		"role_arn = x\ncredentials_file =": "[profile saml]\nazure_default_role_arn = x\nazure_default_duration_hours = 1\nregion = us-east-2\n",
	} {
		accounts, _, err := Accounts([]byte("[a]\nprovider = AzureAD\n" + account + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if found, err := FromSaml2aws(accounts, nil, s); err != nil || found.Plan.String() != want ||
			len(found.Ignored) > 0 {
			t.Errorf("%q: %v %v\n%s", account, err, found.Ignored, found.Plan)
		}
	}
	s.Region, s.Duration = "", 0
	for duration, want := range map[string]string{"899": "", "900": "0.25", "43200": "12", "43201": "", "1h": ""} { // what STS takes
		accounts, _, _ := Accounts([]byte("[a]\nprovider = AzureAD\naws_session_duration = " + duration + "\n"))
		found, err := FromSaml2aws(accounts, nil, s)
		got := awsconfig.Sections([]byte(found.Plan.String()))[0].Get("azure_default_duration_hours")
		if err != nil || got != want {
			t.Errorf("%s seconds: %q, %v", duration, got, err)
		}
	}
	s.Style, s.ProcessCommand = Process, func(string) (string, error) { return "", fault.New(fault.Config, "no such name") }
	if _, err := FromSaml2aws([]Account{{Name: "a"}}, nil, s); err == nil {
		t.Error("a profile without its credential_process is accepted")
	}
}

// The migration guides name every setting of the other tool.
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
				t.Errorf("the migration guide does not name %s of %s", key, tool)
			}
		}
	}
}
