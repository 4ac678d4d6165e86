package identity

import (
	"slices"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/secret"
)

// adasProfile is a profile that stores its password.
var adasProfile = awsconfig.Profile{
	Name: "dev", Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example", Remember: "password",
}

// passwordsOf returns the Passwords of a profile with the stored password "stored", its
// user, and a function that returns the stored password.
func passwordsOf(t *testing.T, p awsconfig.Profile) (*Passwords, *typist, func() string) {
	t.Helper()
	now, user := at, &typist{}
	env := envAt(t, &now)
	env.Prompter = user
	id := env.Of(p, Unattended)
	if err := id.SavePassword(t.Context(), secret.New("stored")); err != nil {
		t.Fatal(err)
	}
	stored := func() string {
		text, err := id.secret(t.Context(), PasswordSecret)
		if err != nil {
			return ""
		}
		return text.Reveal()
	}
	return id.Passwords(), user, stored
}

// A stored password is used only for the profile's own user, and only if the profile
// stores passwords. It is tried once before the user is prompted.
func TestStoredPassword(t *testing.T) {
	session := adasProfile
	session.Remember = "session"
	for name, c := range map[string]struct {
		profile awsconfig.Profile
		user    string
		again   []bool
		want    []string
	}{
		"own user":          {adasProfile, "Ada@contoso.example", []bool{false, true}, []string{"stored", "typed"}},
		"once":              {adasProfile, "ada@contoso.example", []bool{false, false}, []string{"stored", "typed"}},
		"after a rejection": {adasProfile, "ada@contoso.example", []bool{true}, []string{"typed"}},
		"another user":      {adasProfile, "eve@contoso.example", []bool{false}, []string{"typed"}},
		"profile says no":   {session, "ada@contoso.example", []bool{false}, []string{"typed"}},
		"rejected at first": {adasProfile, "ada@contoso.example", []bool{true, false}, []string{"typed", "stored"}},
	} {
		t.Run(name, func(t *testing.T) {
			passwords, user, _ := passwordsOf(t, c.profile)
			var got []string
			var asked []bool
			for i, again := range c.again {
				text, err := passwords.Password(t.Context(), c.user, again)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, text.Reveal())
				if c.want[i] == "typed" {
					asked = append(asked, again)
				}
			}
			if !slices.Equal(got, c.want) || !slices.Equal(user.again, asked) {
				t.Errorf("got %q, asked %v, want %q, asked %v", got, user.again, c.want, asked)
			}
		})
	}
}

// given is a Prompter with a password passed to the command.
type given struct{ *typist }

func (given) HasPassword() bool { return true }

// A password passed to the command takes precedence over the stored one.
func TestGivenPassword(t *testing.T) {
	passwords, user, stored := passwordsOf(t, adasProfile)
	passwords.Prompter = given{user}
	text, err := passwords.Password(t.Context(), adasProfile.Username, false)
	if err != nil || text.Reveal() != "typed" {
		t.Errorf("got %q, %v, want %q", text.Reveal(), err, "typed")
	}
	if passwords.OnRejected(t.Context()); stored() != "stored" {
		t.Error("the rejection of a given password deletes the stored one")
	}
}

// A stored password is deleted if it was rejected. A password that signed in is stored if
// the profile requests it.
func TestPasswordIsDeletedAndSaved(t *testing.T) {
	ask := func(p *Passwords, again bool) {
		t.Helper()
		if _, err := p.Password(t.Context(), adasProfile.Username, again); err != nil {
			t.Fatal(err)
		}
	}
	passwords, _, stored := passwordsOf(t, adasProfile)
	want := func(step, password string) {
		t.Helper()
		if got := stored(); got != password {
			t.Errorf("%s: got %q, want %q", step, got, password)
		}
	}
	passwords.OnRejected(t.Context())
	want("rejected before it was tried", "stored")
	passwords.Save(t.Context())
	want("nothing typed", "stored")
	ask(passwords, false)
	want("tried", "stored")
	passwords.OnRejected(t.Context())
	want("rejected", "")
	ask(passwords, true)
	passwords.Save(t.Context())
	want("another one signed in", "typed")
	passwords.OnRejected(t.Context())
	want("a typed one is rejected", "typed")
	passwords.id.Profile.Remember, passwords.typed = "session", secret.New("other")
	passwords.Save(t.Context())
	want("the profile says no", "typed")
}

// The first prompt of the last sign-in is shown ahead, once, and its answer is used for
// the page that asks for it. Other prompts wait.
func TestAskAhead(t *testing.T) {
	profile := adasProfile
	profile.Remember = ""
	passwords, user, _ := passwordsOf(t, profile)
	ask := func(p *Passwords) {
		t.Helper()
		text, err := p.Password(t.Context(), profile.Username, false)
		if err != nil || text.Reveal() != "typed" {
			t.Errorf("got %q, %v, want %q", text.Reveal(), err, "typed")
		}
	}
	passwords.AskAhead(t.Context())
	if len(user.again) > 0 {
		t.Error("asked at the first sign-in")
	}
	ask(passwords)
	passwords.Save(t.Context())
	next := passwords.id.Passwords()
	next.AskAhead(t.Context())
	next.Notice("waits for the answer")
	if len(user.again) != 2 {
		t.Errorf("got %d questions, want 2", len(user.again))
	}
	ask(next)
	if next.Close(); len(user.again) != 2 {
		t.Errorf("got %d questions, want the answer given ahead", len(user.again))
	}
	other := passwords.id
	for name, change := range map[string]func(*awsconfig.Profile){
		"stored password": func(p *awsconfig.Profile) { p.Remember = "password" },
		"command":         func(p *awsconfig.Profile) { p.PasswordCommand = "pass work" },
		"another user":    func(p *awsconfig.Profile) { p.Username = "eve@contoso.example" },
	} {
		other.Profile = profile
		change(&other.Profile)
		p := other.Passwords()
		if p.AskAhead(t.Context()); p.ahead != nil {
			t.Errorf("%s: asked ahead", name)
		}
	}
}
