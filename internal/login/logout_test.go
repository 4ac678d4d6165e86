package login

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/identity"
)

// Logout removes everything of the signed-out user, and nothing of other users: their
// credentials, sessions and passwords remain.
func TestLogoutKeepsOtherUsers(t *testing.T) {
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/of/the/mock")
	now := at
	env := envAt(t, &now)
	ada := awsconfig.Profile{
		Name: "dev", Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example",
		AppIDURI: "app", Source: map[string]string{},
	}
	eve := ada
	eve.Name, eve.Username = "ops", "eve@contoso.example"
	key := []byte(strings.Repeat("k", 32))
	cached := cache.Entry{RoleARN: adminRole, Obtained: at, Credentials: keysOf("ASIA", at.Add(time.Hour))}
	secretName := func(kind identity.Kind, p awsconfig.Profile) string {
		return string(kind) + " global contoso.example " + p.Username
	}
	for _, p := range []awsconfig.Profile{ada, eve} {
		id := env.Identity(p)
		id.RecordFailure(env.failureOf(errNonInteractive))
		id.Share(assertionOf("id1", responseAt(at, "id1")), key)
		for _, slot := range []string{"", "reader"} {
			cached.Profile, cached.Config, cached.Asked = p.Name, env.config(), slot
			env.put(cached)
		}
		for _, kind := range identity.Kinds {
			if err := keyring.Set("o365aws", secretName(kind, p), "x"); err != nil {
				t.Fatal(err)
			}
		}
		writeCredentials(t, env, p.Name, keysOf("ASIA", at.Add(time.Hour)))
	}
	cached.Profile, cached.Config, cached.Asked = "dev", "/another/config", ""
	env.put(cached)
	has := func(p awsconfig.Profile) (n int) {
		present, err := awsconfig.ReadCredentials(env.Paths, p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if present.AccessKeyID != "" {
			n++
		}
		for _, slot := range []string{"", "reader"} {
			if _, ok := env.cache().Get(env.config(), p.Name, slot); ok {
				n++
			}
		}
		if _, ok := env.Identity(p).LastFailure(time.Minute); ok {
			n++
		}
		if _, ok := env.Identity(p).Shared(key, time.Time{}); ok {
			n++
		}
		for _, kind := range identity.Kinds {
			if _, err := keyring.Get("o365aws", secretName(kind, p)); err == nil {
				n++
			}
		}
		return n
	}
	if has(ada) != 8 || has(eve) != 8 {
		t.Fatalf("before: got %d items of Ada and %d of Eve", has(ada), has(eve))
	}
	removed, err := Logout(t.Context(), env, ada)
	if err != nil || len(removed) != 6 {
		t.Errorf("removed %q, %v", removed, err)
	}
	if has(ada) != 0 || has(eve) != 8 {
		t.Errorf("after: got %d items of Ada and %d of Eve", has(ada), has(eve))
	}
	if _, ok := env.cache().Get("/another/config", "dev", ""); !ok {
		t.Error("a profile of the same name in another config file was signed out, too")
	}
	if removed, err := LogoutAll(t.Context(), env); err != nil || len(removed) == 0 || has(eve) != 0 {
		t.Errorf("of all: %q, %d left, %v", removed, has(eve), err)
	}
}

// Logout of all profiles does not touch credentials of other tools, or of profiles in
// another config file.
func TestLogoutAllKeepsOtherTools(t *testing.T) {
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/of/the/mock")
	now := at
	env := envAt(t, &now)
	others := []string{"sso", "elsewhere"}
	if err := os.MkdirAll(filepath.Dir(env.Paths.Config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(env.Paths.Config, []byte("[profile sso]\nsso_session = x\n[profile elsewhere]\nregion = x\n[profile dev]\nazure_tenant_id = contoso.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env.put(cache.Entry{
		Profile: "elsewhere", Config: "/another/config", RoleARN: adminRole, Obtained: at,
		Credentials: keysOf("ASIA", at.Add(time.Hour)),
	})
	for _, name := range append(others, "dev") {
		if err := awsconfig.WriteCredentials(t.Context(), env.Paths, name, keysOf("ASIAOTHER", at.Add(time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := LogoutAll(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	if held, err := awsconfig.ReadCredentials(env.Paths, "dev"); err != nil || held.AccessKeyID != "" {
		t.Errorf("credentials of o365aws remain: %+v, %v", held, err)
	}
	for _, name := range others {
		if held, err := awsconfig.ReadCredentials(env.Paths, name); err != nil || held.AccessKeyID != "ASIAOTHER" {
			t.Errorf("credentials of %s, from another tool: got %+v, %v, want them unchanged", name, held, err)
		}
	}
}
