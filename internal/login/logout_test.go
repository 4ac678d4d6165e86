package login

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/secret"
)

// A logout leaves nothing of the person that is signed out, and everything of
// the others: their credentials, sessions and passwords.
func TestLogoutLeavesTheOthers(t *testing.T) {
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/of/the/mock")
	home := t.TempDir()
	d := Deps{
		Ask: &typist{}, Log: slog.New(slog.DiscardHandler), Env: func(string) string { return "" }, Now: func() time.Time { return at },
		Paths: awsconfig.ResolvePaths(func(string) string { return "" }, home),
	}
	ada := awsconfig.Profile{
		Name: "dev", Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example",
		AppIDURI: "app", Source: map[string]string{},
	}
	eve := ada
	eve.Name, eve.Username = "ops", "eve@contoso.example"
	key := kept{key: []byte(strings.Repeat("k", keyLength))}
	wantedOf := func(p awsconfig.Profile) wanted {
		return wanted{Request: Request{Profile: p}, identity: identityOf(p)}
	}
	for _, p := range []awsconfig.Profile{ada, eve} {
		w := wantedOf(p)
		d.fail(w, errNobody)
		d.share(w, key, responseAt(at, "id1"), "id1")
		for _, asked := range []string{"", "reader"} {
			d.put(cache.Entry{
				Profile: p.Name, Config: d.config(), Asked: asked, RoleARN: adminRole, Obtained: at,
				Credentials: awscreds.Credentials{
					AccessKeyID: "ASIA", SecretAccessKey: secret.New("s"), SessionToken: secret.New("t"),
					Expires: at.Add(time.Hour),
				},
			})
		}
		for _, kind := range []string{sessionSecret, passwordSecret, seedSecret} {
			if err := d.setSecret(t.Context(), kind, p, false, secret.New("x")); err != nil {
				t.Fatal(err)
			}
		}
		if err := awsconfig.WriteCredentials(t.Context(), d.Paths, p.Name, keysOf("ASIA", at.Add(time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	d.put(cache.Entry{
		Profile: "dev", Config: "/another/config", RoleARN: adminRole, Obtained: at,
		Credentials: awscreds.Credentials{
			AccessKeyID: "ASIA", SecretAccessKey: secret.New("s"), SessionToken: secret.New("t"),
			Expires: at.Add(time.Hour),
		},
	})
	has := func(p awsconfig.Profile) (n int) {
		held, err := awsconfig.ReadCredentials(d.Paths, p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if held.AccessKeyID != "" {
			n++
		}
		for _, asked := range []string{"", "reader"} {
			if _, ok := d.cache().Get(d.config(), p.Name, asked); ok {
				n++
			}
		}
		if _, ok := d.cache().Failed(identityOf(p), at, time.Minute); ok {
			n++
		}
		if _, ok := d.cache().Sealed(shareKey(wantedOf(p))); ok {
			n++
		}
		for _, kind := range []string{sessionSecret, passwordSecret, seedSecret} {
			if _, err := d.getSecret(t.Context(), kind, p, false); err == nil {
				n++
			}
		}
		return n
	}
	if has(ada) != 8 || has(eve) != 8 {
		t.Fatalf("there are %d and %d", has(ada), has(eve))
	}
	removed, err := Logout(t.Context(), d, ada)
	if err != nil || len(removed) != 6 {
		t.Errorf("removed %q, %v", removed, err)
	}
	if has(ada) != 0 || has(eve) != 8 {
		t.Errorf("left %d of the one and %d of the other", has(ada), has(eve))
	}
	if _, ok := d.cache().Get("/another/config", "dev", ""); !ok {
		t.Error("another config file's profile of that name is signed out too")
	}
	if removed, err := LogoutAll(t.Context(), d); err != nil || len(removed) == 0 || has(eve) != 0 {
		t.Errorf("of all: %q, %d left, %v", removed, has(eve), err)
	}
}

// A logout of all leaves the credentials of other ways of signing in, and of
// the profiles of another config file.
func TestLogoutOfAllIsOfOurs(t *testing.T) {
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/of/the/mock")
	now := at
	d := depsAt(t, &now)
	d.Ask, d.Env = &typist{}, func(string) string { return "" }
	others := []string{"sso", "elsewhere"}
	if err := os.MkdirAll(filepath.Dir(d.Paths.Config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.Paths.Config, []byte("[profile sso]\nsso_session = x\n[profile elsewhere]\nregion = x\n[profile dev]\nazure_tenant_id = contoso.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.put(cache.Entry{
		Profile: "elsewhere", Config: "/another/config", RoleARN: adminRole, Obtained: at,
		Credentials: awscreds.Credentials{
			AccessKeyID: "ASIA", SecretAccessKey: secret.New("s"), SessionToken: secret.New("t"),
			Expires: at.Add(time.Hour),
		},
	})
	for _, name := range append(others, "dev") {
		if err := awsconfig.WriteCredentials(t.Context(), d.Paths, name, keysOf("ASIAOTHER", at.Add(time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := LogoutAll(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if held, err := awsconfig.ReadCredentials(d.Paths, "dev"); err != nil || held.AccessKeyID != "" {
		t.Errorf("ours are left: %+v, %v", held, err)
	}
	for _, name := range others {
		if held, err := awsconfig.ReadCredentials(d.Paths, name); err != nil || held.AccessKeyID != "ASIAOTHER" {
			t.Errorf("the credentials of %s are not ours: %+v, %v", name, held, err)
		}
	}
}
