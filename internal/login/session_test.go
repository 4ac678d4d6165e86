package login

import (
	"log/slog"
	"reflect"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/secret"
)

// Sessions are kept unless the profile says no, and "Stay signed in?" is
// answered with yes only when it says yes.
func TestRemember(t *testing.T) {
	const key = "azure_default_remember_me"
	for _, c := range []struct {
		ours, theirs string
		keeps, stays bool
	}{
		{"", "", true, false},
		{"", "true", true, true},
		{"", "false", false, false},
		{"session", "", true, true},
		{"session", "false", true, true},
		{"password", "", true, true},
		{"none", "", false, false},
		{"none", "true", false, false},
	} {
		p := awsconfig.Profile{Remember: c.ours, RememberMe: c.theirs == "true", Source: map[string]string{}}
		if c.theirs != "" {
			p.Source[key] = "the config file"
		}
		if got := remembers(p); got != c.keeps {
			t.Errorf("%+v: kept: %v", c, got)
		}
		if got := staysSignedIn(p); got != c.stays {
			t.Errorf("%+v: stays signed in: %v", c, got)
		}
	}
}

// What is kept of a sign-in is for profiles that keep sessions, is given the
// key that parallel calls share once, and is gone when it is forgotten.
func TestKeptSession(t *testing.T) {
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/of/the/mock")
	d := Deps{
		Ask: &typist{}, Log: slog.New(slog.DiscardHandler), Env: func(string) string { return "" },
		Paths: awsconfig.Paths{Home: t.TempDir()},
	}
	keeps := wanted{
		Request: Request{
			Profile: awsconfig.Profile{
				Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example",
				Source: map[string]string{},
			},
		},
	}
	none := keeps
	none.Profile.Remember = "none"
	signedIn := entra.Session{
		UserAgent: "x",
		Cookies: []entra.Cookie{
			{Name: "ESTSAUTH", Value: secret.New("v"), Domain: "login.microsoftonline.com", Path: "/"},
		},
	}

	if k := d.keep(t.Context(), none, kept{session: signedIn}); len(k.key) > 0 {
		t.Error("a key for a profile that keeps nothing")
	}
	if _, ok := d.held(t.Context(), keeps); ok {
		t.Error("a profile that keeps nothing has kept something")
	}
	first := d.keep(t.Context(), keeps, kept{session: signedIn, tenant: "guid"})
	if len(first.key) != keyLength {
		t.Errorf("a key of %d bytes", len(first.key))
	}
	got, ok := d.held(t.Context(), keeps)
	if !ok || !reflect.DeepEqual(got, first) || got.tenant != "guid" || !got.session.SignedIn() {
		t.Errorf("held %v %+v", ok, got)
	}
	if _, ok := d.held(t.Context(), none); ok {
		t.Error("used by a profile that keeps nothing")
	}
	if again := d.keep(t.Context(), keeps, got); !reflect.DeepEqual(again.key, first.key) {
		t.Error("another key: what is shared under the first is lost")
	}
	other := keeps
	other.Profile.Username = "eve@contoso.example"
	if _, ok := d.held(t.Context(), other); ok {
		t.Error("used by somebody else")
	}
	d.forget(t.Context(), keeps)
	if _, ok := d.held(t.Context(), keeps); ok {
		t.Error("not forgotten")
	}
}
