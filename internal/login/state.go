package login

import (
	"context"
	"errors"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/keychain"
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
	store, err := d.store(p.Store, false)
	if err != nil {
		return SessionUnknown, err
	}
	_, err = store.Get(ctx, sessionName(p))
	switch {
	case err == nil:
		return SessionKept, nil
	case errors.Is(err, keychain.ErrNotFound):
		return SessionNone, nil
	}
	return SessionUnknown, err
}

// SessionName names the sign-in that profiles of one tenant and user share.
func SessionName(p awsconfig.Profile) string { return sessionName(p) }
