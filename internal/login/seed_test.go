package login

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/network"

	"github.com/zalando/go-keyring"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// A mark comes off whole, and nothing else of a seed does.
func TestMarkedSeed(t *testing.T) {
	for _, text := range []string{"JBSWY3DPEHPK3PXP", "otpauth://totp/a:b?secret=JBSWY3DP", "refused:", "refused:x:JBSW", "refused:12", ""} {
		seed, window := unmarked(secret.New(text))
		if seed.Reveal() != text || window != 0 {
			t.Errorf("%q: %q in window %d", text, seed.Reveal(), window)
		}
		if seed, window := unmarked(marked(secret.New(text), 58982341)); seed.Reveal() != text || window != 58982341 {
			t.Errorf("%q, marked: %q in window %d", text, seed.Reveal(), window)
		}
	}
}

// A kept seed is forgotten when it was refused in two windows of time, by a
// clock that is right. What signed in meanwhile is as good as new.
func TestRefusedSeed(t *testing.T) {
	home := t.TempDir()
	env := map[string]string{"O365AWS_STORE_PASSPHRASE": "tests", "O365AWS_HOME": home}
	get := func(name string) string { return env[name] }
	d := drive{
		Deps: Deps{
			Paths: awsconfig.ResolvePaths(get, home), Env: get, Ask: nobody{},
			Log: slog.New(slog.DiscardHandler), Stores: new(keychain.Stores),
		},
		profile: awsconfig.Profile{
			Name: "dev", TenantID: "contoso.example", Username: "grace@contoso.example", Store: "file",
			Remember: "password",
		},
	}
	const seed = "JBSWY3DPEHPK3PXP"
	if err := d.setSecret(t.Context(), seedSecret, d.profile, false, secret.New(seed)); err != nil {
		t.Fatal(err)
	}
	signIn := func(refusedIn int64, succeeds bool) {
		c := d.codes(t.Context())
		if refusedIn > 0 {
			c.wrong(t.Context(), refusedIn)
		}
		if succeeds {
			c.keep(t.Context())
		}
	}
	kept := func(what string, want bool) {
		t.Helper()
		c := d.codes(t.Context())
		if c.kept != want || want && c.seed.Reveal() != seed {
			t.Errorf("%s: kept %v", what, c.kept)
		}
	}
	signIn(100, false)
	kept("refused once", true)
	signIn(100, true) // by a code that a person typed
	kept("in the same window", true)
	d.net.Clock = wrongClock(t)
	signIn(101, false)
	kept("by a clock that is wrong", true)
	d.net.Clock = nil
	signIn(0, true)
	signIn(102, false)
	kept("refused once more, after it had signed in", true)
	signIn(103, true)
	kept("in two windows", false)
	given := func(refusedIn int64) {
		env["O365AWS_TOTP_SECRET"] = seed
		signIn(refusedIn, true)
		env["O365AWS_TOTP_SECRET"] = ""
	}
	given(104) // the code was a person's
	kept("given, and refused", false)
	given(0)
	kept("given anew", true)
	if _, err := d.getSecret(t.Context(), passwordSecret, d.profile, false); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("a password came from somewhere: %v", err)
	}
}

// The seed of a run is the given one, else that of the environment, else the
// kept one; without a word of the profile none is kept, nor taken from there.
func TestSeedOfARun(t *testing.T) {
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/of/the/mock")
	env := map[string]string{}
	d := drive{
		Deps: Deps{
			Paths: awsconfig.Paths{Home: t.TempDir()}, Env: func(name string) string { return env[name] },
			Ask: nobody{}, Log: slog.New(slog.DiscardHandler),
		},
		profile: awsconfig.Profile{
			Name: "dev", TenantID: "contoso.example", Username: "grace@contoso.example", Remember: "password",
		},
	}
	if err := d.setSecret(t.Context(), seedSecret, d.profile, false, secret.New("KEPT")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ given, env, remember, want string }{
		{"GIVEN", "ENV", "password", "GIVEN"}, {"", "ENV", "password", "ENV"}, {"", "", "password", "KEPT"}, {"", "", "session", ""}, {"", "ENV", "session", "ENV"},
	} {
		d.Seed, env["O365AWS_TOTP_SECRET"], d.profile.Remember = secret.New(c.given), c.env, c.remember
		if got := d.codes(t.Context()); got.seed.Reveal() != c.want || got.kept != (c.want == "KEPT") {
			t.Errorf("%+v: %s, kept %v", c, got.seed.Reveal(), got.kept)
		}
	}
	d.codes(t.Context()).keep(t.Context())
	if text, err := d.getSecret(t.Context(), seedSecret, d.profile, false); err != nil || text.Reveal() != "KEPT" {
		t.Errorf("kept against the profile: %s, %v", text.Reveal(), err)
	}
}

// wrongClock returns the watch of a clock that a server's answer has shown to be
// an hour off.
func wrongClock(t *testing.T) *network.ClockWatch {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	n := network.Network{Client: server.Client()}
	n = n.WatchClock(func() time.Time { return time.Now().Add(time.Hour) }, func(string) {})
	response, err := n.Client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return n.Clock
}
