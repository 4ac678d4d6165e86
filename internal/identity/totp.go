package identity

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// TOTP is the TOTP secret of the user's authenticator app during one sign-in.
type TOTP struct {
	Secret secret.Text // zero: the user is prompted for codes

	id         Identity
	clockWrong func() bool
	stored     bool  // Secret comes from the secret store
	rejectedIn int64 // time window in which Microsoft last rejected the stored secret; 0 for never
	rejected   bool  // Microsoft rejected the secret in this sign-in
}

// TOTP returns the TOTP secret of a sign-in: the given one, or else that of the
// environment, of o365aws_totp_command, or the stored one. clockWrong reports whether
// this machine's clock is known to be wrong.
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

// storesTOTP reports whether the profile stores the TOTP secret.
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

// OnRejected records that Microsoft rejected the code of a time window. A single
// rejection can have other causes, such as another sign-in that used the code. The stored
// secret is deleted after a rejection in a second window; otherwise unattended runs would
// try it until the account is locked. Rejections do not count if the clock is wrong,
// which makes the codes of a correct secret wrong.
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

// Save stores the TOTP secret of a successful sign-in if the profile requests it. It
// removes the rejection mark of a stored secret. A secret that was rejected in this
// sign-in is not stored: the user typed the code.
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
