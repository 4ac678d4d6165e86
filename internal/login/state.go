package login

import (
	"context"
	"errors"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// SessionState says what is kept of an identity's sign-in.
type SessionState string

// The states of a kept session.
const (
	SessionKept    SessionState = "kept"
	SessionNone    SessionState = "none"    // nobody has signed in, or it was forgotten
	SessionOff     SessionState = "off"     // the profile wants none kept
	SessionUnknown SessionState = "unknown" // the store cannot be read now
)

// Session looks into the store of secrets whether a session is kept. It asks
// nobody and no server, so the session may be over all the same.
func Session(ctx context.Context, d Deps, p awsconfig.Profile) (SessionState, error) {
	if !remembers(p) || p.Store == "none" {
		return SessionOff, nil
	}
	text, err := d.getSecret(ctx, sessionSecret, d.known(p), false)
	var k kept
	if err == nil {
		k, err = openKept(text)
	}
	switch {
	case err == nil && k.session.SignedIn():
		return SessionKept, nil
	case err == nil || errors.Is(err, keychain.ErrNotFound):
		return SessionNone, nil
	}
	return SessionUnknown, err
}

// SessionName names the sign-in that profiles of one tenant and user share.
func SessionName(d Deps, p awsconfig.Profile) string { return secretName(sessionSecret, d.known(p)) }

// TryStore writes, reads and deletes a secret in the store that a profile
// uses. It asks nobody.
func TryStore(ctx context.Context, d Deps, p awsconfig.Profile) error {
	const name = "check by o365aws doctor"
	store, err := d.store(p.Store, false)
	if err == nil {
		err = store.Set(ctx, name, secret.New(name))
	}
	if err != nil {
		return err
	}
	got, err := store.Get(ctx, name)
	if err != nil {
		return err
	}
	if _, err := store.Delete(ctx, name); err != nil {
		return err
	}
	if got.Len() != len(name) {
		return errors.New("it gives back another secret than it was given")
	}
	return nil
}
