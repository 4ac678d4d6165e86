package login

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
)

// Profiles that name one tenant in two ways are of one identity as soon as its
// GUID is known, and what was kept under the domain is still found.
func TestIdentity(t *testing.T) {
	const tenant = "3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24"
	now := at
	d := depsAt(t, &now)
	by := func(id string) awsconfig.Profile {
		return awsconfig.Profile{Cloud: "global", TenantID: id, Username: "Ada@contoso.example"}
	}
	if p := d.known(by("Contoso.example")); p.Tenant != "" {
		t.Errorf("nobody told that it is %s", p.Tenant)
	}
	d.rememberTenant(by("Contoso.example"), tenant)
	domain, number := d.known(by("contoso.EXAMPLE")), d.known(by(strings.ToUpper(tenant)))
	if domain.Tenant != tenant || number.Tenant != tenant || identityOf(domain) != identityOf(number) ||
		secretName(sessionSecret, domain) != secretName(sessionSecret, number) {
		t.Errorf("%s and %s", domain.Tenant, number.Tenant)
	}
	if other := by("contoso.example"); d.known(
		awsconfig.Profile{Cloud: "china", TenantID: other.TenantID},
	).Tenant != "" {
		t.Error("a domain of another cloud is taken for it")
	}
	told := by("contoso.example")
	if told.Tenant = "told"; d.known(told).Tenant != "told" {
		t.Error("what is known is looked up again")
	}
	if got, want := secretNames(sessionSecret, domain), []string{"session global " + tenant + " ada@contoso.example", "session global contoso.example ada@contoso.example"}; !slices.Equal(
		got, want,
	) {
		t.Errorf("names %q", got)
	}
	if got := secretNames(sessionSecret, number); len(got) != 1 {
		t.Errorf("names %q", got)
	}
}

// Each identity has a window of its own: nobody gets into another's session.
func TestKeptWindows(t *testing.T) {
	d := Deps{Paths: awsconfig.Paths{Home: t.TempDir()}}
	window := func(tenant, user string) string {
		return d.keptWindow(awsconfig.Profile{TenantID: tenant, Username: user})
	}
	ada := window("contoso.example", "ada@contoso.example")
	if filepath.Dir(ada) != d.windows() || filepath.Dir(d.windows()) != d.Paths.Home ||
		window("Contoso.example", "Ada@contoso.example") != ada {
		t.Errorf("it is %s", ada)
	}
	if window("contoso.example", "eve@contoso.example") == ada ||
		window("other.example", "ada@contoso.example") == ada {
		t.Error("two share one")
	}
}
