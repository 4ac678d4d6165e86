package configure

import (
	"errors"
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

// filesOf writes a config and a credentials file.
func filesOf(t *testing.T, config, credentials string) files {
	t.Helper()
	dir := t.TempDir()
	f := files{
		awsconfig.Paths{Config: dir + "/config", Credentials: dir + "/credentials", Home: dir},
		[]byte(config),
		[]byte(credentials),
	}
	if err := errors.Join(
		os.WriteFile(f.paths.Config, f.config, 0o600), os.WriteFile(f.paths.Credentials, f.credentials, 0o600),
	); err != nil {
		t.Fatal(err)
	}
	return f
}

// Each profile of aws-azure-login has a separate verdict.
func TestVerdicts(t *testing.T) {
	const tenant = "azure_tenant_id=contoso.example\n"
	const whole = tenant + "azure_default_username=ada@contoso.example\n" +
		"azure_default_role_arn=arn:aws:iam::111122223333:role/r\n"
	for name, c := range map[string]struct{ settings, credentials, want string }{
		"complete": {settings: whole, want: "p: works unchanged"},
		"by base": {
			settings: "azure_default_username=a@b.example\nazure_default_role_arn=x\no365aws_base=base\n",
			want:     "p: works unchanged",
		},
		"no role": {
			settings: tenant + "azure_default_username=ada@contoso.example\n",
			want:     "p: works unchanged; prompts for the role, because azure_default_role_arn is not set",
		},
		"no user name": {
			settings: tenant + "azure_default_role_arn=x\n",
			want:     "p: works unchanged; prompts for the user name, because azure_default_username is not set",
		},
		"empty tenant": {
			settings: strings.Replace(whole, "contoso.example", "", 1),
			want:     `p: does not work: profile "p" has no tenant (`,
		},
		"wrong duration": {
			settings: whole + "azure_default_duration_hours=99\n",
			want:     "p: does not work: azure_default_duration_hours = 99 is not a number of hours",
		},
		"another role": {
			settings: whole + "role_arn=x\nsource_profile=y\n",
			want:     "config:7: role_arn: the AWS CLI, boto3 and the AWS SDK for Go use it",
		},
		"no session": {
			settings: whole + "azure_default_remember_me=false\n",
			want:     "p: works unchanged; azure_default_remember_me = false (line 7) saves no session",
		},
		"static keys": {
			whole, "[p]\naws_access_key_id = AKIA\naws_secret_access_key = x\n",
			"p: works unchanged; a login replaces the long-lived keys in the credentials file (line 1)",
		},
		"login keys": {whole, "[p]\naws_access_key_id = ASIA\naws_session_token = x\n", "p: works unchanged"},
		"process": {
			settings: whole + "credential_process = o365aws credential-process\n",
			want:     "p: works unchanged, with credential_process",
		},
		"shadowing keys": {
			whole + "credential_process = o365aws credential-process\n",
			"[p]\naws_access_key_id = AKIA\n",
			"credentials:2: aws_access_key_id: the AWS CLI",
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := "[profile base]\n" + tenant + "[profile p]\n" + c.settings
			found, err := FromAzureLogin(filesOf(t, config, c.credentials), Settings{}, false)
			if err != nil || len(found.Verdicts) != 2 {
				t.Fatalf("got %v, %v, want two verdicts", found.Verdicts, err)
			}
			got := found.Verdicts[1].String()
			if works := strings.HasPrefix(c.want, "p: works"); works != (found.Verdicts[1].Err == nil) ||
				!strings.Contains(got, c.want) || c.want == "p: works unchanged" && got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// A profile that cannot be changed does not prevent changes to the others.
func TestRefusedProfilesAreDropped(t *testing.T) {
	const config = "[profile other]\nazure_tenant_id=contoso.example\ncredential_process=vault x\n" +
		"[profile keys]\nazure_tenant_id=contoso.example\n[profile good]\nazure_tenant_id=contoso.example\n"
	f := filesOf(t, config, "[keys]\naws_access_key_id = AKIA\naws_secret_access_key = x\n")
	found, err := FromAzureLogin(f, Settings{Style: Process, ProcessCommand: settings.ProcessCommand}, false)
	if err != nil {
		t.Fatal(err)
	}
	f.dropRefused(&found, "left unchanged", false)
	got := found.Verdicts[0].String() + "\n" + found.Verdicts[1].String() + "\n" + found.Verdicts[2].String()
	for _, want := range []string{
		"other: left unchanged: profile \"other\" exists and gets its credentials from credential_process (line 3)",
		"keys: left unchanged: profile \"keys\" has long-lived keys in the credentials file (line 1)",
		"good: works unchanged",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if p := found.Plan.Profiles; len(p) != 1 || p[0].Name != "good" {
		t.Errorf("got the plan %v, want profile good", found.Plan)
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
	s, f := Settings{}, filesOf(t, config, "")
	found, err := FromAzureLogin(f, s, false)
	if err != nil || len(found.Verdicts) != 2 || len(found.Plan.Profiles) != 0 || len(found.Ignored) != 2 ||
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
	found, err = FromAzureLogin(f, s, true)
	if err != nil {
		t.Fatal(err)
	}
	got, err := found.Plan.Apply([]byte(config))
	if want := strings.Replace(strings.Replace(config, "azure_default_password=hunter2\n", "", 1), "azure_new_thing=1\n", "azure_new_thing=1\no365aws_remember = password\n", 1); err != nil ||
		string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	if diff := Diff("config", f.config, got); strings.Contains(diff, "hunter2") ||
		!strings.Contains(diff, "-azure_default_password= ****") {
		t.Errorf("got %s, want no password", diff)
	}
	if found, err := FromAzureLogin(f, Settings{Style: File}, false); err != nil || len(found.Plan.Profiles) != 2 {
		t.Errorf("%+v %v", found.Plan, err)
	}
	nameless := Settings{
		Style:          Process,
		ProcessCommand: func(string) (string, error) { return "", fault.New(fault.Config, "no such name") },
	}
	if found, err := FromAzureLogin(f, nameless, false); err != nil || len(found.Plan.Profiles) > 0 ||
		found.Verdicts[0].String() != "default: left unchanged: no such name" {
		t.Errorf("got %v, %v, want no profile without its credential_process", found, err)
	}
	if _, err := FromAzureLogin(filesOf(t, "[default]\nregion=x\n", ""), s, false); fault.KindOf(err) != fault.Config {
		t.Errorf("no profile of aws-azure-login: got %v", err)
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
	find := func(email string) (entra.Tenant, error) {
		_, err := CheckEmail(email)
		return tenant, err
	}
	found := FromSaml2aws(accounts, find, s)
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

// Each setting of saml2aws has the expected effect on its own, as does an account without
// settings.
func TestSaml2awsSettings(t *testing.T) {
	s := Settings{Region: "us-east-2", Duration: time.Hour, Style: File} // from the command line, which takes precedence
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
		if found := FromSaml2aws(accounts, anyTenant, s); found.Plan.String() != want || len(found.Ignored) > 0 {
			t.Errorf("%q: %v\n%s", account, found.Ignored, found.Plan)
		}
	}
	s.Region, s.Duration = "", 0
	for duration, want := range map[string]string{"899": "", "900": "0.25", "43200": "12", "43201": "", "1h": ""} { // range of STS
		accounts, _, _ := Accounts([]byte("[a]\nprovider = AzureAD\naws_session_duration = " + duration + "\n"))
		found := FromSaml2aws(accounts, anyTenant, s)
		got := awsconfig.Sections([]byte(found.Plan.String()))[0].Get("azure_default_duration_hours")
		if got != want {
			t.Errorf("%s seconds: got %q, want %q", duration, got, want)
		}
	}
	s.Style, s.ProcessCommand = Process, func(string) (string, error) { return "", fault.New(fault.Config, "no such name") }
	if found := FromSaml2aws([]Account{{Name: "a"}}, anyTenant, s); found.Verdicts[0].Err == nil ||
		len(found.Plan.Profiles) > 0 {
		t.Error("a profile without its credential_process is accepted")
	}
}

func anyTenant(string) (entra.Tenant, error) { return entra.Tenant{}, nil }

// An account that cannot be imported is named with its line, and the others are imported.
func TestSaml2awsAccounts(t *testing.T) {
	accounts, _, err := Accounts([]byte("[gone]\nprovider = AzureAD\nusername = ada@gone.example\n" +
		"[domain]\nprovider = AzureAD\nusername = CORP\\jane\n[odd]\nprovider = AzureAD\naws_profile = a]b\n" +
		"[empty]\nprovider = AzureAD\naws_profile = n\n" +
		"[good]\nprovider = AzureAD\nusername = ada@contoso.example\naws_profile = good\n"))
	if err != nil {
		t.Fatal(err)
	}
	found := FromSaml2aws(accounts, func(email string) (entra.Tenant, error) {
		if email == "ada@gone.example" {
			return entra.Tenant{}, fault.New(fault.Config, "no Microsoft Entra tenant")
		}
		_, err := CheckEmail(email)
		return entra.Tenant{}, err
	}, Settings{Style: File})
	var got []string
	for _, v := range found.Verdicts {
		got = append(got, v.String())
	}
	for i, want := range []string{
		"account gone (line 1): not imported: username (line 3): no Microsoft Entra tenant",
		`account domain (line 4): not imported: username (line 6): invalid e-mail address "CORP\\jane" (use the address that you`,
		"account odd (line 7): not imported: aws_profile (line 9): invalid profile name",
		`account empty (line 10): not imported: username: invalid e-mail address ""`,
		"good: from account good",
	} {
		if !strings.HasPrefix(got[i], want) {
			t.Errorf("got %s, want %s", got[i], want)
		}
	}
	if p := found.Plan.Profiles; len(p) != 1 || p[0].Name != "good" {
		t.Errorf("got the plan %v, want profile good", found.Plan)
	}
}

// The migration guides mention every setting of the other tool.
func TestMigrationGuidesAreComplete(t *testing.T) {
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
