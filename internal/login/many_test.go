package login

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/secret"
)

// A sign-in to all roles writes to the profiles of the same user and application that
// name a role themselves.
func TestProfilesByRole(t *testing.T) {
	const reader, role = "arn:aws:iam::111122223333:role/azure.reader", "\nazure_default_role_arn = "
	const config = "[default]\nazure_tenant_id = contoso.example\nazure_default_username = ada@contoso.example\n" +
		"[profile admin]\no365aws_base = default" + role + adminRole + "\n[profile reader]\no365aws_base = default" + role + reader +
		"\n[profile again]\nazure_tenant_id = Contoso.example\nazure_default_username = Ada@contoso.example" + role + reader +
		"\n[profile grace]\no365aws_base = default\nazure_default_username = grace@contoso.example" + role + reader +
		"\n[profile tenant]\no365aws_base = default\nazure_tenant_id = other.example" + role + reader +
		"\n[profile app]\no365aws_base = default\nazure_app_id_uri = urn:other" + role + reader +
		"\n[profile wrong]\no365aws_base = default\no365aws_store = nowhere" + role + reader +
		"\n[profile sso]\nsso_session = x\n"
	for name, c := range map[string]struct {
		profile string
		env     map[string]string
		want    string
	}{
		"roles in the file":   {"default", nil, "[admin] [reader again]"},
		"profile with a role": {"admin", nil, "[admin] [reader again]"},
		"role variable": {
			"default", map[string]string{"AZURE_DEFAULT_ROLE_ARN": reader}, "[admin] [default reader again]",
		},
		"lower-case variable": {
			"admin", map[string]string{"azure_default_role_arn": reader}, "[] [admin reader again]",
		},
	} {
		now := at
		env := envAt(t, &now)
		env.Getenv = func(name string) string { return c.env[name] }
		if err := os.MkdirAll(filepath.Dir(env.Paths.Config), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(env.Paths.Config, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := awsconfig.Load(env.Paths, env.Getenv, c.profile, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := resolve(env, Request{Profile: p}, forLogin)
		if err != nil {
			t.Fatal(err)
		}
		targets, err := r.profilesByRole()
		named := func(role string) (names []string) {
			for _, p := range targets[role] {
				names = append(names, p.Name)
			}
			return names
		}
		if got := fmt.Sprint(named(adminRole), " ", named(reader)); err != nil || got != c.want || len(targets) > 2 {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

// Each role's credentials are stored where they belong. The stored credentials of a role
// that failed remain unchanged.
func TestStoreAll(t *testing.T) {
	const reader, other = "arn:aws:iam::111122223333:role/azure.reader", "arn:aws:iam::444455556666:role/azure.admin"
	now := at
	env := envAt(t, &now)
	profile := func(name, process string) awsconfig.Profile {
		return awsconfig.Profile{
			Name: name, Cloud: "global", Username: "ada@contoso.example",
			CredentialProcess: process,
		}
	}
	r, err := resolve(env, Request{Profile: profile("default", "")}, forLogin)
	if err != nil {
		t.Fatal(err)
	}
	got := func(role string, err error) RoleResult {
		return RoleResult{Role: roleOf(t, role), Err: err, Result: Result{
			Role: roleOf(t, role), SessionName: "ada",
			Credentials: awscreds.Credentials{
				AccessKeyID: "ASIANEW", SecretAccessKey: secret.New(role), SessionToken: secret.New("t"),
				Expires: at.Add(time.Hour),
			},
		}}
	}
	all := []RoleResult{got(reader, nil), got(adminRole, errNonInteractive), got(other, nil)}
	targets := map[string][]awsconfig.Profile{
		reader:    {profile("reader", ""), profile("again", ""), profile("tool", "o365aws")},
		adminRole: {profile("admin", "")},
	}
	for _, name := range []string{"admin", "tool"} {
		if err := awsconfig.WriteCredentials(t.Context(), env.Paths, name, keysOf("ASIAOLD", at.Add(time.Minute))); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.storeAll(t.Context(), all, targets); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"reader": "ASIANEW", "again": "ASIANEW", "tool": "ASIAOLD", "admin": "ASIAOLD", "default": ""} {
		if held, err := awsconfig.ReadCredentials(env.Paths, name); err != nil || held.AccessKeyID != want ||
			want == "ASIANEW" &&
				(held.SecretAccessKey.Reveal() != reader || held.SessionToken.Reveal() != "t" || !held.Expires.Equal(at.Add(time.Hour))) {
			t.Errorf("credentials file, %s: got %+v, %v", name, held, err)
		}
	}
	var cached []string
	for _, e := range env.cache().All() {
		cached = append(cached, fmt.Sprintf("%s %q %s %s", e.Profile, e.Asked, e.RoleARN, e.SecretAccessKey.Reveal()))
	}
	slices.Sort(cached)
	of := func(profile, asked, role string) string { return fmt.Sprintf("%s %q %s %[3]s", profile, asked, role) }
	if want := []string{of("again", "", reader), of("default", other, other), of("reader", "", reader), of("tool", "", reader)}; !slices.Equal(
		cached,
		want,
	) {
		t.Errorf("cache: got %q", cached)
	}
	if fmt.Sprint(all[0].Profiles, all[1].Profiles, all[2].Profiles) != "[reader again tool] [] []" {
		t.Errorf("told %v %v %v", all[0].Profiles, all[1].Profiles, all[2].Profiles)
	}
}
