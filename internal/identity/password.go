package identity

import (
	"context"
	"errors"
	"strings"

	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// Passwords is a Prompter for one sign-in. It tries the stored password first and records
// the password that the user types.
type Passwords struct {
	Prompter
	id    Identity
	tried bool // the stored password was tried
	typed secret.Text
	first string // the first question of the sign-in
	ahead *ahead // nil for none
}

// Passwords returns a Prompter for one sign-in.
func (i Identity) Passwords() *Passwords { return &Passwords{Prompter: i.Prompter, id: i} }

// Password implements entra.Prompter. A password passed to the command takes precedence
// over that of o365aws_password_command, which takes precedence over the stored one. Each
// is tried once.
func (p *Passwords) Password(ctx context.Context, user string, again bool) (secret.Text, error) {
	profile := p.id.Profile
	if !again && profile.PasswordCommand != "" && strings.EqualFold(user, profile.Username) && !p.HasPassword() {
		if given := p.id.fromCommand(ctx, "o365aws_password_command", profile.PasswordCommand); !given.IsZero() {
			return given, nil
		}
	} else if !again && !p.tried && profile.Remember == "password" && strings.EqualFold(user, profile.Username) &&
		!p.HasPassword() {
		p.tried = true
		stored, err := p.id.secret(ctx, PasswordSecret)
		if err == nil {
			return stored, nil
		}
		if !errors.Is(err, keychain.ErrNotFound) {
			p.id.Log.Info("cannot read the stored password", "error", err)
		}
	}
	password, err := p.ask(ctx, user, again)
	p.typed = password
	return password, err
}

// OnRejected deletes the stored password if Microsoft rejected it. Otherwise unattended
// runs would try it until the account is locked.
func (p *Passwords) OnRejected(ctx context.Context) {
	if !p.tried || !p.typed.IsZero() {
		return
	}
	if _, err := p.id.DeleteSecret(ctx, PasswordSecret); err != nil {
		p.id.Log.Warn("cannot delete the rejected password", "error", err)
	}
}

// Save stores which prompt came first in a successful sign-in, and its password if the
// profile requests it.
func (p *Passwords) Save(ctx context.Context) {
	p.saveFirst()
	if p.id.Profile.Remember != "password" || p.typed.IsZero() {
		return
	}
	if err := p.id.SavePassword(ctx, p.typed); err != nil {
		p.id.Log.Warn("the password was not saved", "error", err)
	}
}

// SavePassword stores the password of the identity.
func (i Identity) SavePassword(ctx context.Context, password secret.Text) error {
	return i.setSecret(ctx, PasswordSecret, password)
}
