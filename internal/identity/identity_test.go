package identity

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/secret"
)

// at is the current time in most tests.
var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// envAt returns an Env with its own home and keychain.
func envAt(t *testing.T, now *time.Time) Env {
	t.Helper()
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/of/the/mock")
	empty := func(string) string { return "" }
	return Env{
		Paths: awsconfig.ResolvePaths(empty, t.TempDir()), Getenv: empty, Prompter: &typist{},
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return *now },
	}
}

// typist is a Prompter whose user types a password and no passphrase.
type typist struct {
	entra.Prompter
	again       []bool // for each password prompt
	notices     []string
	passphrases int
	hasDeadline bool // of the last passphrase prompt
}

func (p *typist) Password(_ context.Context, _ string, again bool) (secret.Text, error) {
	p.again = append(p.again, again)
	return secret.New("typed"), nil
}

func (p *typist) HasPassword() bool  { return false }
func (p *typist) Notice(text string) { p.notices = append(p.notices, text) }

func (p *typist) Passphrase(ctx context.Context, _ bool) (secret.Text, error) {
	_, p.hasDeadline = ctx.Deadline()
	p.passphrases++
	return secret.Text{}, nil
}

// Profiles that name a tenant in different ways share an identity once its GUID is known,
// and data stored under the domain is still found.
func TestIdentity(t *testing.T) {
	const tenant = "3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24"
	now := at
	env := envAt(t, &now)
	of := func(id string) Identity {
		return env.Of(awsconfig.Profile{Cloud: "global", TenantID: id, Username: "Ada@contoso.example"}, Unattended)
	}
	if got := of("Contoso.example").Profile.Tenant; got != "" {
		t.Errorf("before the lookup: got tenant %s", got)
	}
	of("Contoso.example").rememberTenant(tenant)
	domain, number := of("contoso.EXAMPLE"), of(strings.ToUpper(tenant))
	if domain.Profile.Tenant != tenant || number.Profile.Tenant != tenant {
		t.Errorf("got tenants %s and %s, want %s", domain.Profile.Tenant, number.Profile.Tenant, tenant)
	}
	if domain.Key() != number.Key() ||
		secretName(SessionSecret, domain.Profile) != secretName(SessionSecret, number.Profile) {
		t.Error("two names of one tenant have different keys")
	}
	other := env.Of(awsconfig.Profile{Cloud: "china", TenantID: "contoso.example"}, Unattended)
	if other.Profile.Tenant != "" {
		t.Error("the domain of another cloud has the tenant too")
	}
	known := env.Of(awsconfig.Profile{Cloud: "global", TenantID: "contoso.example", Tenant: "known"}, Unattended)
	if known.Profile.Tenant != "known" {
		t.Error("a known tenant is looked up again")
	}
	want := []string{
		"session global " + tenant + " ada@contoso.example", "session global contoso.example ada@contoso.example",
	}
	if got := secretNames(SessionSecret, domain.Profile); !slices.Equal(got, want) {
		t.Errorf("names: got %q, want %q", got, want)
	}
	if got := secretNames(SessionSecret, number.Profile); len(got) != 1 {
		t.Errorf("names: got %q, want one", got)
	}
	if domain.DeleteTenant(); of("contoso.example").Profile.Tenant != "" {
		t.Error("the tenant was not deleted")
	}
}

// Each identity has its own browser profile, so that no user enters the session of
// another.
func TestBrowserProfile(t *testing.T) {
	now := at
	env := envAt(t, &now)
	folder := func(tenant, user string) string {
		return env.Of(awsconfig.Profile{TenantID: tenant, Username: user}, Unattended).BrowserProfile()
	}
	ada := folder("contoso.example", "ada@contoso.example")
	if filepath.Dir(ada) != env.BrowserProfiles() || filepath.Dir(env.BrowserProfiles()) != env.Paths.Home {
		t.Errorf("got %s", ada)
	}
	if got := folder("Contoso.example", "Ada@contoso.example"); got != ada {
		t.Errorf("in other case: got %s, want %s", got, ada)
	}
	if folder("contoso.example", "eve@contoso.example") == ada || folder("other.example", "ada@contoso.example") == ada {
		t.Error("two identities share a browser profile")
	}
}
