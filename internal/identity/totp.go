package identity

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// TOTP is the TOTP secret of the user's authenticator app in one sign-in.
type TOTP struct {
	Secret secret.Text // zero: the user is asked for codes

	id         Identity
	clockWrong func() bool
	stored     bool  // Secret comes from the secret store
	rejectedIn int64 // the window in which Microsoft rejected the stored secret before, 0 for never
	rejected   bool  // Microsoft rejects the secret in this sign-in
}

// TOTP returns the TOTP secret of a sign-in: the given one, else that of the
// environment, of o365aws_totp_command, or the stored one. clockWrong reports whether
// this machine's clock is known to be off.
func (i Identity) TOTP(ctx context.Context, given secret.Text, clockWrong func() bool) *TOTP {
	t := &TOTP{Secret: given, id: i, clockWrong: clockWrong}
	if t.Secret.IsZero() {
		t.Secret = secret.New(i.Getenv("O365AWS_TOTP_SECRET"))
	}
	if t.Secret.IsZero() && i.Profile.TOTPCommand != "" {
		t.Secret = i.fromCommand(ctx, "o365aws_totp_command", i.Profile.TOTPCommand)
		return t
	}
	if !t.Secret.IsZero() || !i.storesTOTP() {
		return t
	}
	text, err := i.secret(ctx, TOTPSecret)
	if err != nil && !errors.Is(err, keychain.ErrNotFound) {
		i.Log.Info("cannot read the stored TOTP secret", "error", err)
	}
	t.Secret, t.rejectedIn = unmark(text)
	t.stored = !t.Secret.IsZero()
	return t
}

// storesTOTP reports whether the profile stores what it signs in with.
func (i Identity) storesTOTP() bool { return i.Profile.Remember == "password" }

// rejectedMark precedes a stored TOTP secret after Microsoft rejected its code. The time
// window of the code follows it.
const rejectedMark = "refused:"

func mark(text secret.Text, window int64) secret.Text {
	return secret.New(rejectedMark + strconv.FormatInt(window, 10) + ":" + text.Reveal())
}

func unmark(text secret.Text) (unmarked secret.Text, window int64) {
	rest, found := strings.CutPrefix(text.Reveal(), rejectedMark)
	number, value, complete := strings.Cut(rest, ":")
	window, err := strconv.ParseInt(number, 10, 64)
	if !found || !complete || err != nil {
		return text, 0
	}
	return secret.New(value), window
}

// OnRejected notes that Microsoft rejects the code of a window. One rejection
// can have other reasons: another sign-in may have used the code. The stored
// secret is deleted at the second one, of another window: unattended runs would
// otherwise try it until the account is locked. A wrong clock makes wrong codes
// of a right secret.
func (t *TOTP) OnRejected(ctx context.Context, window int64) {
	t.rejected = true
	if !t.stored || t.rejectedIn == window || t.clockWrong() {
		return
	}
	var err error
	if t.rejectedIn == 0 {
		err = t.id.setSecret(ctx, TOTPSecret, mark(t.Secret, window))
	} else {
		_, err = t.id.DeleteSecret(ctx, TOTPSecret)
		t.id.Prompter.Notice("The stored TOTP secret was rejected twice and has been removed; set O365AWS_TOTP_SECRET.")
	}
	if err != nil {
		t.id.Log.Warn("cannot note that the stored TOTP secret was rejected", "error", err)
	}
}

// Save stores the TOTP secret of a successful sign-in, if the profile requests it. A
// stored secret that was rejected once before loses its mark. A secret that was
// rejected in this sign-in is not stored: the user has typed the code.
func (t *TOTP) Save(ctx context.Context) {
	given := secret.New(t.id.Getenv("O365AWS_TOTP_SECRET"))
	if t.stored && t.rejectedIn != 0 {
		given = t.Secret
	}
	if given.IsZero() || t.rejected || !t.id.storesTOTP() {
		return
	}
	if err := t.id.setSecret(ctx, TOTPSecret, given); err != nil {
		t.id.Log.Warn("the TOTP secret was not saved", "error", err)
	}
}
