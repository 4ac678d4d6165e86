package identity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// StoredSession is the stored state of an identity's sign-in.
type StoredSession struct {
	Session entra.Session // empty if the user signed in in their own browser
	Tenant  string        // GUID of the tenant, so that a renewal need not look it up
	By      string        // how the user signed in: device or browser; "" if unknown
	Key     []byte        // encrypts the assertion shared by concurrent calls
}

// record is the format of a StoredSession in the secret store.
type record struct {
	Version int    `json:"version"`
	Session string `json:"session"`
	Tenant  string `json:"tenant"`
	By      string `json:"by,omitempty"`
	Key     []byte `json:"key"`
}

const keyLength = 32

// StoresSessions reports whether a profile stores sessions. It does by default; the
// corresponding setting of aws-azure-login can disable it too.
func StoresSessions(p awsconfig.Profile) bool {
	switch p.Remember {
	case "none":
		return false
	case "":
		return p.RememberMe || p.Source["azure_default_remember_me"] == ""
	}
	return true
}

// StaysSignedIn reports whether to answer "Stay signed in?" with yes.
func StaysSignedIn(p awsconfig.Profile) bool {
	return p.Remember != "none" && (p.RememberMe || p.Remember != "")
}

// LoadSession returns the stored session, or an error of the store.
func (i Identity) LoadSession(ctx context.Context) (StoredSession, error) {
	if !StoresSessions(i.Profile) {
		return StoredSession{}, keychain.ErrNotFound
	}
	text, err := i.secret(ctx, SessionSecret)
	if err != nil {
		return StoredSession{}, err
	}
	s, err := parseSession(text)
	if err != nil {
		i.Log.Debug("the stored session is damaged", "error", err)
		return StoredSession{}, keychain.ErrNotFound
	}
	return s, nil
}

func parseSession(text secret.Text) (StoredSession, error) {
	var r record
	if err := json.Unmarshal([]byte(text.Reveal()), &r); err != nil || r.Version != 1 || len(r.Key) != keyLength {
		return StoredSession{}, errors.New("malformed record") // the cause could quote the secret
	}
	session, err := entra.OpenSession(secret.New(r.Session))
	return StoredSession{Session: session, Tenant: r.Tenant, By: r.By, Key: r.Key}, err
}

// SaveSession stores the session of a sign-in and returns it as stored. If the session is
// empty, it stores only the key, unless a session exists. If the store fails, the result
// has no key, because no other call could read it.
func (i Identity) SaveSession(ctx context.Context, s StoredSession) (StoredSession, error) {
	if !StoresSessions(i.Profile) || !s.Session.SignedIn() && len(s.Key) > 0 {
		return s, nil
	}
	if len(s.Key) == 0 {
		s.Key = make([]byte, keyLength)
		_, _ = rand.Read(s.Key) // never fails: crypto/rand
	}
	err := i.writeSession(ctx, s)
	if err != nil {
		s.Key = nil
	}
	return s, err
}

func (i Identity) writeSession(ctx context.Context, s StoredSession) error {
	session, err := s.Session.Seal()
	if err != nil {
		return err
	}
	data, err := json.Marshal(record{1, session.Reveal(), s.Tenant, s.By, s.Key})
	if err != nil {
		return err
	}
	return i.setSecret(ctx, SessionSecret, secret.New(string(data)))
}

// DeleteSession deletes a session that Microsoft no longer accepts.
func (i Identity) DeleteSession(ctx context.Context) {
	if _, err := i.DeleteSecret(ctx, SessionSecret); err != nil {
		i.Log.Debug("cannot delete the rejected session", "error", err)
	}
}

// SessionState is the state of an identity's stored session.
type SessionState string

// The states of a stored session, as named in JSON output.
const (
	SessionStored  SessionState = "kept"
	SessionNone    SessionState = "none"    // the user has not signed in, or signed out
	SessionOff     SessionState = "off"     // the profile stores no session
	SessionLocked  SessionState = "locked"  // the store must be unlocked
	SessionUnknown SessionState = "unknown" // the store cannot be read now
)

// SessionState reads the secret store. It also returns how the user signed in. It does
// not use the network, so Microsoft may have ended the session in the meantime.
func (i Identity) SessionState(ctx context.Context) (state SessionState, by string, err error) {
	if !StoresSessions(i.Profile) || i.Profile.Store == "none" {
		return SessionOff, "", nil
	}
	text, err := i.secret(ctx, SessionSecret)
	var s StoredSession
	if err == nil {
		s, err = parseSession(text)
	}
	var unavailable *keychain.UnavailableError
	switch {
	case err == nil && s.Session.SignedIn():
		return SessionStored, s.By, nil
	case err == nil || errors.Is(err, keychain.ErrNotFound):
		return SessionNone, "", nil
	case errors.Is(err, keychain.ErrLocked), errors.As(err, &unavailable) && unavailable.Locked:
		return SessionLocked, "", nil
	}
	return SessionUnknown, "", err
}
