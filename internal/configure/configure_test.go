package configure

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
)

var settings = Settings{
	TenantID: "3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24", Username: "ada@contoso.example", AppIDURI: DefaultAppIDURI, Cloud: "global",
	Region: "eu-central-1", Duration: 90 * time.Minute, Style: Process,
	ProcessCommand: func(profile string) (string, error) { return "o365aws credential-process --profile " + profile, nil },
}

var roles = []Role{
	{ARN: "arn:aws:iam::444455556666:role/azure.reader", Account: "444455556666", Name: "azure.reader"},
	{ARN: "arn:aws:iam::111122223333:role/teams/data/azure.admin", Account: "111122223333", Alias: "prod", Name: "azure.admin"},
}

// planAll is a plan with a base and a profile for each role.
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

// TestTwiceChangesNothing, and what others wrote stays byte for byte.
func TestTwiceChangesNothing(t *testing.T) {
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
	got, err := Plan{Profiles: []Profile{p}}.Apply([]byte("[default]\ncredential_process = /opt/o365aws credential-process\n"))
	if err != nil || strings.Contains(string(got), "credential_process") {
		t.Errorf("%v\n%s", err, got)
	}
}

// TestForeignProfiles guards that a profile of another tool is not changed
// unasked.
func TestForeignProfiles(t *testing.T) {
	for _, setting := range []string{"sso_session = corp", "role_arn = arn:aws:iam::111122223333:role/x", "source_profile = a", "credential_process = vault", "web_identity_token_file = x"} {
		data := []byte("[profile office]\nregion = us-east-1\n" + setting + "\n")
		_, err := planAll(t).Apply(data)
		if fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("%s: %v", setting, err)
		}
		plan := planAll(t)
		plan.Force = true
		if _, err := plan.Apply(data); err != nil {
			t.Errorf("%s, forced: %v", setting, err)
		}
	}
}

func TestUnshadow(t *testing.T) {
	plan := planAll(t)
	const before = "[other]\naws_access_key_id = AKIA1\n[office]\naws_access_key_id = ASIA1\naws_secret_access_key = x\naws_session_token = y\naws_expiration = z\nmine = 1\n"
	got, err := plan.Unshadow([]byte(before))
	if want := "[other]\naws_access_key_id = AKIA1\n[office]\nmine = 1\n"; err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	if _, err := plan.Unshadow([]byte("[office]\naws_access_key_id = AKIA1\naws_secret_access_key = x\n")); fault.KindOf(err) != fault.Config {
		t.Errorf("long-lived keys: %v", err)
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
	twins := []Role{{ARN: "arn:aws:iam::1:role/a/x", Account: "1", Name: "x"}, {ARN: "arn:aws:iam::1:role/b/x", Account: "1", Name: "x"}}
	for template, roles := range map[string][]Role{
		"same": roles, "{account}": roles, "{nope}-{role}": roles, "a b {role}": roles, "{role}]\nx": roles, "{account}-{role}": twins,
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
	} {
		if got, err := ParseAccessURL(address); err == nil || fault.KindOf(err) != fault.Config {
			t.Errorf("%q: %v, %v", address, got, err)
		}
	}
}

// TestDiffPatches applies each difference to the old text.
func TestDiffPatches(t *testing.T) {
	for _, c := range [][2]string{
		{"", "a\n"},
		{"a\n", ""},
		{"a\n", "a\n"},
		{"a\nb\nc\n", "a\nX\nc\n"},
		{"a", "a\nb"},
		{"a\nb", "a\nb\n"},
		{strings.Repeat("same\n", 20) + "x\n", "y\n" + strings.Repeat("same\n", 20)},
		{"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\nX\n3\n4\n5\n6\n7\nY\n9\n"},
		{strings.Repeat("k\n", 50), strings.Repeat("k\n", 20) + "new\n" + strings.Repeat("k\n", 30)},
		{"a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n", "A\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nL\n"},
	} {
		diff := Diff("f", []byte(c[0]), []byte(c[1]))
		if (diff == "") != (c[0] == c[1]) {
			t.Errorf("%q to %q: %q", c[0], c[1], diff)
		}
		if got := patch(t, c[0], diff); got != c[1] {
			t.Errorf("%q to %q: makes %q of it\n%s", c[0], c[1], got, diff)
		}
	}
}

// patch applies a unified difference, strictly.
func patch(t *testing.T, text, diff string) string {
	t.Helper()
	old, at, out := splitLines(text), 0, ""
	lines := strings.SplitAfter(diff, "\n")
	for i, line := range lines {
		var start int
		switch {
		case line == "" || strings.HasPrefix(line, "---") || strings.HasPrefix(line, "+++") || strings.HasPrefix(line, "\\"):
			continue
		case strings.HasPrefix(line, "@@"):
			if _, err := fmt.Sscanf(line, "@@ -%d", &start); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(line, ",0 +") {
				start--
			}
			for ; at < start; at++ {
				out += old[at]
			}
			continue
		}
		if strings.HasPrefix(lines[i+1], "\\") {
			line = strings.TrimSuffix(line, "\n")
		}
		if line[0] != '+' {
			if old[at] != line[1:] {
				t.Fatalf("line %d is %q, not %q:\n%s", at+1, old[at], line[1:], diff)
			}
			at++
		}
		if line[0] != '-' {
			out += line[1:]
		}
	}
	return out + strings.Join(old[at:], "")
}
