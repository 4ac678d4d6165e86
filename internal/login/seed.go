package login

import (
	"context"
	"errors"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// keepsSeed reports whether a profile keeps what it signs in with.
func keepsSeed(p awsconfig.Profile) bool { return p.Remember == "password" }

// seed is that of the person's authenticator app: the given one, else the kept
// one; "" when codes are asked for.
func (d drive) seed(ctx context.Context) secret.Text {
	given := d.Seed
	if given.IsZero() {
		given = secret.New(d.Env("O365AWS_TOTP_SECRET"))
	}
	if !given.IsZero() || !keepsSeed(d.profile) {
		return given
	}
	given, err := d.getSecret(ctx, seedSecret, d.profile, d.Ask.Window())
	if err != nil && !errors.Is(err, keychain.ErrNotFound) {
		d.Log.Info("the kept TOTP seed cannot be read", "error", err)
	}
	return given
}

// keepSeed puts a seed that has just signed in into the store of secrets,
// when the profile says so.
func (d drive) keepSeed(ctx context.Context) {
	given := secret.New(d.Env("O365AWS_TOTP_SECRET"))
	if given.IsZero() || !keepsSeed(d.profile) {
		return
	}
	if err := d.setSecret(ctx, seedSecret, d.profile, d.Ask.Window(), given); err != nil {
		d.Log.Warn("the TOTP seed is not kept", "error", err)
	}
}
