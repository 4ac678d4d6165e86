package login

import (
	"context"
	"errors"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// How long the system's keychain may take: a locked one asks the person, if
// there is one, and waits for ever if there is none.
const (
	storeLimit       = 5 * time.Second
	storePersonLimit = 30 * time.Second
)

// Store opens a store of secrets, for a command whose person is there.
func (d Deps) Store(kind string) (keychain.Store, error) { return d.store(kind, true) }

func (d Deps) store(kind string, interactive bool) (keychain.Store, error) {
	patience := storeLimit
	if interactive {
		patience = storePersonLimit
	}
	return d.Stores.Open(kind, keychain.Options{
		Patience: patience, Home: d.Paths.Home, Locks: d.Paths.Locks(),
		Passphrase: func(ctx context.Context, fresh bool) (secret.Text, error) {
			if given := d.Env("O365AWS_STORE_PASSPHRASE"); given != "" {
				return secret.New(given), nil
			}
			person, ok := d.Ask.(interface {
				Passphrase(ctx context.Context, fresh bool) (secret.Text, error)
			})
			if !ok || !interactive {
				return secret.Text{}, nil // which the store refuses, saying what to do
			}
			return person.Passphrase(ctx, fresh)
		},
	})
}

// getSecret returns a secret of a profile's identity, or keychain.ErrNotFound.
func (d Deps) getSecret(ctx context.Context, kind string, p awsconfig.Profile, interactive bool) (secret.Text, error) {
	store, err := d.store(p.Store, interactive)
	if err != nil {
		return secret.Text{}, err
	}
	for _, name := range secretNames(kind, p) {
		if text, err := store.Get(ctx, name); !errors.Is(err, keychain.ErrNotFound) {
			return text, err
		}
	}
	return secret.Text{}, keychain.ErrNotFound
}

// setSecret keeps a secret of a profile's identity.
func (d Deps) setSecret(
	ctx context.Context, kind string, p awsconfig.Profile, interactive bool, text secret.Text,
) error {
	store, err := d.store(p.Store, interactive)
	if err != nil {
		return err
	}
	return store.Set(ctx, secretName(kind, p), text)
}

// deleteSecret deletes a secret of a profile's identity, under all names that
// it may have, and reports whether there was one.
func (d Deps) deleteSecret(
	ctx context.Context, kind string, p awsconfig.Profile, interactive bool,
) (was bool, err error) {
	store, err := d.store(p.Store, interactive)
	if err != nil {
		return false, err
	}
	var errs []error
	for _, name := range secretNames(kind, p) {
		one, err := store.Delete(ctx, name)
		was, errs = was || one, append(errs, err)
	}
	return was, errors.Join(errs...)
}
