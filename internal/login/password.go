package login

import (
	"context"
	"errors"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// passwords answers for the person as long as the store has the password, and
// notes what the person answers, to keep it once it has signed in.
type passwords struct {
	entra.Prompter
	d     drive
	tried bool
	typed secret.Text
}

// Password implements entra.Prompter. A password that was given for this run
// comes before a kept one, and a kept one is tried once.
func (k *passwords) Password(ctx context.Context, user string, again bool) (secret.Text, error) {
	p := k.d.profile
	if !again && !k.tried && p.Remember == "password" && strings.EqualFold(user, p.Username) && !given(k.Prompter) {
		k.tried = true
		if kept, err := k.d.getSecret(ctx, passwordSecret, p, k.d.Ask.Window()); err == nil {
			return kept, nil
		} else if !errors.Is(err, keychain.ErrNotFound) {
			k.d.Log.Info("the kept password cannot be read", "error", err)
		}
	}
	password, err := k.Prompter.Password(ctx, user, again)
	k.typed = password
	return password, err
}

// given reports whether a password came with the command.
func given(ask entra.Prompter) bool {
	a, ok := ask.(interface{ HasPassword() bool })
	return ok && a.HasPassword()
}

// wrong deletes the kept password, if that is what Microsoft calls wrong. Runs
// that nobody watches would go on trying it, until the account is locked.
func (k *passwords) wrong(ctx context.Context) {
	if !k.tried || !k.typed.IsZero() {
		return
	}
	if _, err := k.d.deleteSecret(ctx, passwordSecret, k.d.profile, k.d.Ask.Window()); err != nil {
		k.d.Log.Warn("the kept password was refused, and cannot be forgotten", "error", err)
	}
}

// keep puts the password that has just signed in into the store, when the
// profile says so.
func (k *passwords) keep(ctx context.Context) {
	if k.d.profile.Remember != "password" || k.typed.IsZero() {
		return
	}
	if err := KeepPassword(ctx, k.d.Deps, k.d.profile, k.typed); err != nil {
		k.d.Log.Warn("the password is not kept", "error", err)
	}
}

// KeepPassword puts the password of a profile's user into its store.
func KeepPassword(ctx context.Context, d Deps, p awsconfig.Profile, password secret.Text) error {
	return d.setSecret(ctx, passwordSecret, d.known(p), d.Ask.Window(), password)
}
