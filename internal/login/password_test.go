package login

import (
	"context"
	"log/slog"
	"slices"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/secret"
)

// typist answers with a password of their own.
type typist struct {
	nobody
	asked []bool
}

func (a *typist) Password(_ context.Context, _ string, again bool) (secret.Text, error) {
	a.asked = append(a.asked, again)
	return secret.New("typed"), nil
}

// passwordOf is what answers for ada, whose kept password is in the keychain.
func passwordOf(t *testing.T, p awsconfig.Profile) (*passwords, *typist, func() string) {
	t.Helper()
	keyring.MockInit()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/of/the/mock")
	person := &typist{}
	d := Deps{
		Ask: person, Log: slog.New(slog.DiscardHandler), Env: func(string) string { return "" },
		Paths: awsconfig.Paths{Home: t.TempDir()},
	}
	if err := KeepPassword(t.Context(), d, p, secret.New("kept")); err != nil {
		t.Fatal(err)
	}
	left := func() string {
		text, err := d.getSecret(t.Context(), passwordSecret, p, false)
		if err != nil {
			return ""
		}
		return text.Reveal()
	}
	return &passwords{Prompter: person, d: drive{Deps: d, profile: p}}, person, left
}

// A kept password is for the profile's own user, when the profile keeps one,
// and is tried once; then the person is asked.
func TestKeptPassword(t *testing.T) {
	ada := awsconfig.Profile{
		Name: "dev", Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example",
		Remember: "password",
	}
	session := ada
	session.Remember = "session"
	for name, c := range map[string]struct {
		profile awsconfig.Profile
		user    string
		again   []bool
		want    []string
	}{
		"for its user":       {ada, "Ada@contoso.example", []bool{false, true}, []string{"kept", "typed"}},
		"once":               {ada, "ada@contoso.example", []bool{false, false}, []string{"kept", "typed"}},
		"not after another":  {ada, "ada@contoso.example", []bool{true}, []string{"typed"}},
		"for nobody else":    {ada, "eve@contoso.example", []bool{false}, []string{"typed"}},
		"not without a word": {session, "ada@contoso.example", []bool{false}, []string{"typed"}},
	} {
		k, person, _ := passwordOf(t, c.profile)
		var got []string
		typed := 0
		for i, again := range c.again {
			text, err := k.Password(t.Context(), c.user, again)
			if err != nil {
				t.Fatal(err)
			}
			if c.want[i] == "typed" {
				typed++
			}
			got = append(got, text.Reveal())
		}
		if !slices.Equal(got, c.want) || len(person.asked) != typed {
			t.Errorf("%s: %q, asked %d times", name, got, len(person.asked))
		}
	}
}

// bringing is a person whose password came with the command.
type bringing struct{ *typist }

func (bringing) HasPassword() bool { return true }

// A password of this run comes before the kept one.
func TestGivenPassword(t *testing.T) {
	ada := awsconfig.Profile{
		Name: "dev", Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example",
		Remember: "password",
	}
	k, person, left := passwordOf(t, ada)
	k.Prompter = bringing{person}
	if text, err := k.Password(t.Context(), ada.Username, false); err != nil || text.Reveal() != "typed" {
		t.Errorf("%q, %v", text.Reveal(), err)
	}
	if k.wrong(t.Context()); left() != "kept" {
		t.Error("the kept one is forgotten for it")
	}
}

// What Microsoft calls wrong is forgotten when it was the kept one, and one
// that signed in is kept when the profile says so.
func TestPasswordIsForgottenAndKept(t *testing.T) {
	ada := awsconfig.Profile{
		Name: "dev", Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example",
		Remember: "password",
	}
	ask := func(k *passwords, again bool) {
		t.Helper()
		if _, err := k.Password(t.Context(), ada.Username, again); err != nil {
			t.Fatal(err)
		}
	}
	k, _, left := passwordOf(t, ada)
	if k.wrong(t.Context()); left() != "kept" {
		t.Error("forgotten without having been tried")
	}
	if k.keep(t.Context()); left() != "kept" {
		t.Errorf("replaced by nothing: %q", left())
	}
	if ask(k, false); left() != "kept" {
		t.Error("forgotten at its use")
	}
	if k.wrong(t.Context()); left() != "" {
		t.Errorf("the refused one stays: %q", left())
	}
	ask(k, true)
	if k.keep(t.Context()); left() != "typed" {
		t.Errorf("the new one is not kept: %q", left())
	}
	if k.wrong(t.Context()); left() != "typed" {
		t.Error("forgotten for another one that was typed")
	}
	k.d.profile.Remember = "session"
	k.typed = secret.New("other")
	if k.keep(t.Context()); left() != "typed" {
		t.Errorf("kept against the profile: %q", left())
	}
}
