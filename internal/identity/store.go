package identity

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// Kind is a kind of secret that an identity may have.
type Kind string

// The kinds of secrets.
const (
	SessionSecret  Kind = "session"
	PasswordSecret Kind = "password"
	TOTPSecret     Kind = "totp"
)

// Kinds lists the kinds of secrets.
var Kinds = []Kind{SessionSecret, PasswordSecret, TOTPSecret}

// Limits of a call to the system keychain: with a user, who may have to unlock it, and
// without one, where a locked keychain would block indefinitely.
const (
	unattendedLimit = 5 * time.Second
	attendedLimit   = 30 * time.Second
)

// Store opens the secret store of a kind.
func (e Env) Store(kind string, access Access) (keychain.Store, error) {
	limit := unattendedLimit
	if access == Attended {
		limit = attendedLimit
	}
	return e.Stores.Open(kind, keychain.Options{
		Patience: limit, Home: e.Paths.Home, Locks: e.Paths.Locks(),
		Passphrase: func(ctx context.Context, isNew bool) (secret.Text, error) {
			if given := e.Getenv("O365AWS_STORE_PASSPHRASE"); given != "" {
				return secret.New(given), nil
			}
			if access == Unattended {
				return secret.Text{}, nil // the store returns an error with a hint
			}
			return e.Prompter.Passphrase(ctx, isNew)
		},
	})
}

// secretName returns the name of a secret of p's identity, as displayed by keychains.
func secretName(kind Kind, p awsconfig.Profile) string {
	return strings.ToLower(strings.Join([]string{string(kind), p.Cloud, cmp.Or(p.Tenant, p.TenantID), p.Username}, " "))
}

// secretNames returns all names that a secret may have: one stored before the tenant's
// GUID was known is under the domain.
func secretNames(kind Kind, p awsconfig.Profile) []string {
	names := []string{secretName(kind, p)}
	p.Tenant = ""
	if name := secretName(kind, p); name != names[0] {
		names = append(names, name)
	}
	return names
}

// secret returns a secret of the identity, or keychain.ErrNotFound.
func (i Identity) secret(ctx context.Context, kind Kind) (secret.Text, error) {
	store, err := i.Store(i.Profile.Store, i.Access)
	if err != nil {
		return secret.Text{}, err
	}
	for _, name := range secretNames(kind, i.Profile) {
		if text, err := store.Get(ctx, name); !errors.Is(err, keychain.ErrNotFound) {
			return text, err
		}
	}
	return secret.Text{}, keychain.ErrNotFound
}

// setSecret stores a secret of the identity.
func (i Identity) setSecret(ctx context.Context, kind Kind, text secret.Text) error {
	store, err := i.Store(i.Profile.Store, i.Access)
	if err != nil {
		return err
	}
	return store.Set(ctx, secretName(kind, i.Profile), text)
}

// DeleteSecret deletes a secret of the identity under all its possible names and reports
// whether there was one.
func (i Identity) DeleteSecret(ctx context.Context, kind Kind) (found bool, err error) {
	store, err := i.Store(i.Profile.Store, i.Access)
	if err != nil {
		return false, err
	}
	var errs []error
	for _, name := range secretNames(kind, i.Profile) {
		deleted, err := store.Delete(ctx, name)
		found, errs = found || deleted, append(errs, err)
	}
	return found, errors.Join(errs...)
}

// TryStore writes, reads and deletes a test secret in the profile's store.
func (i Identity) TryStore(ctx context.Context) error {
	const name = "check by o365aws doctor"
	store, err := i.Store(i.Profile.Store, i.Access)
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
		return errors.New("it did not return the stored secret")
	}
	return nil
}
