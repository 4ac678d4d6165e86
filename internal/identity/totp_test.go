package identity

import (
	"errors"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// Only a complete mark is removed from a stored TOTP secret.
func TestRejectionMark(t *testing.T) {
	for _, text := range []string{
		"JBSWY3DPEHPK3PXP", "otpauth://totp/a:b?secret=JBSWY3DP", "refused:", "refused:x:JBSW", "refused:12", "",
	} {
		if got, window := unmark(secret.New(text)); got.Reveal() != text || window != 0 {
			t.Errorf("%q: got %q in window %d", text, got.Reveal(), window)
		}
		if got, window := unmark(mark(secret.New(text), 58982341)); got.Reveal() != text || window != 58982341 {
			t.Errorf("%q, marked: got %q in window %d", text, got.Reveal(), window)
		}
	}
}

// A stored TOTP secret is deleted after it was rejected in two time windows while the
// clock was correct. A successful sign-in with it removes the mark.
func TestRejectedTOTP(t *testing.T) {
	now, user := at, &typist{}
	env := envAt(t, &now)
	vars := map[string]string{"O365AWS_STORE_PASSPHRASE": "tests"}
	env.Prompter, env.Getenv = user, func(name string) string { return vars[name] }
	env.Stores = new(keychain.Stores)
	id := env.Of(awsconfig.Profile{
		Name: "dev", TenantID: "contoso.example", Username: "grace@contoso.example", Store: "file", Remember: "password",
	}, Unattended)
	const text = "JBSWY3DPEHPK3PXP"
	if err := id.setSecret(t.Context(), TOTPSecret, secret.New(text)); err != nil {
		t.Fatal(err)
	}
	clockWrong := false
	get := func() *TOTP { return id.TOTP(t.Context(), secret.Text{}, func() bool { return clockWrong }) }
	signIn := func(rejectedIn int64, succeeds bool) {
		totp := get()
		if rejectedIn > 0 {
			totp.OnRejected(t.Context(), rejectedIn)
		}
		if succeeds {
			totp.Save(t.Context())
		}
	}
	want := func(step string, stored bool) {
		t.Helper()
		if got := get(); got.stored != stored || stored && got.Secret.Reveal() != text {
			t.Errorf("%s: got stored %v, want %v", step, got.stored, stored)
		}
	}
	signIn(100, false)
	want("rejected once", true)
	signIn(100, true) // with a code that the user typed
	want("in the same window", true)
	clockWrong = true
	signIn(101, false)
	want("by a wrong clock", true)
	clockWrong = false
	signIn(0, true)
	signIn(102, false)
	want("rejected once more, after it had signed in", true)
	if len(user.notices) != 0 {
		t.Errorf("notices before the removal: got %q", user.notices)
	}
	signIn(103, true)
	want("in two windows", false)
	if len(user.notices) != 1 {
		t.Errorf("notices of the removal: got %q, want one", user.notices)
	}
	given := func(rejectedIn int64) {
		vars["O365AWS_TOTP_SECRET"] = text
		signIn(rejectedIn, true)
		vars["O365AWS_TOTP_SECRET"] = ""
	}
	given(104) // the user typed the code
	want("given, and rejected", false)
	given(0)
	want("given", true)
	if _, err := id.secret(t.Context(), PasswordSecret); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("password: got %v, want %v", err, keychain.ErrNotFound)
	}
}

// The given TOTP secret takes precedence, then that of the environment, then the stored
// one. Only profiles that request it store a TOTP secret or use a stored one.
func TestTOTPPrecedence(t *testing.T) {
	now := at
	env := envAt(t, &now)
	vars := map[string]string{}
	env.Getenv = func(name string) string { return vars[name] }
	id := env.Of(awsconfig.Profile{
		Name: "dev", TenantID: "contoso.example", Username: "grace@contoso.example", Remember: "password",
	}, Unattended)
	if err := id.setSecret(t.Context(), TOTPSecret, secret.New("STORED")); err != nil {
		t.Fatal(err)
	}
	right := func() bool { return false }
	for _, c := range []struct{ given, env, remember, want string }{
		{"GIVEN", "ENV", "password", "GIVEN"},
		{"", "ENV", "password", "ENV"},
		{"", "", "password", "STORED"},
		{"", "", "session", ""},
		{"", "ENV", "session", "ENV"},
	} {
		vars["O365AWS_TOTP_SECRET"], id.Profile.Remember = c.env, c.remember
		got := id.TOTP(t.Context(), secret.New(c.given), right)
		if got.Secret.Reveal() != c.want || got.stored != (c.want == "STORED") {
			t.Errorf("%+v: got %s, stored %v", c, got.Secret.Reveal(), got.stored)
		}
	}
	id.TOTP(t.Context(), secret.Text{}, right).Save(t.Context())
	if text, err := id.secret(t.Context(), TOTPSecret); err != nil || text.Reveal() != "STORED" {
		t.Errorf("against the profile: got %s, %v, want %s", text.Reveal(), err, "STORED")
	}
}
