package login

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
)

// What a sign-in to all roles writes to: the profiles of the same person and
// application that name a role themselves.
func TestProfilesOf(t *testing.T) {
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
		"as the file says":       {"default", nil, "[admin] [reader again]"},
		"of one that has a role": {"admin", nil, "[admin] [reader again]"},
		"a role by variable":     {"default", map[string]string{"AZURE_DEFAULT_ROLE_ARN": reader}, "[admin] [default reader again]"},
		"and in small letters":   {"admin", map[string]string{"azure_default_role_arn": reader}, "[] [admin reader again]"},
	} {
		now := at
		d := depsAt(t, &now)
		d.Env = func(name string) string { return c.env[name] }
		if err := os.MkdirAll(filepath.Dir(d.Paths.Config), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(d.Paths.Config, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := awsconfig.Load(d.Paths, d.Env, c.profile, nil)
		if err != nil {
			t.Fatal(err)
		}
		w, err := d.wanted(Request{Profile: p}, own)
		if err != nil {
			t.Fatal(err)
		}
		targets, err := d.profilesOf(w)
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
