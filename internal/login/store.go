package login

import (
	"context"
	"errors"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// How long a store may take: a locked keychain asks the person, if there is
// one, and waits for ever if there is none.
const (
	storeLimit       = 5 * time.Second
	storePersonLimit = 30 * time.Second
)

// Store opens a store of secrets, for a command whose person is there.
func (d Deps) Store(kind string) (keychain.Store, error) { return d.store(kind, true) }

func (d Deps) store(kind string, interactive bool) (keychain.Store, error) {
	return d.Stores.Open(kind, keychain.Options{
		Home: d.Paths.Home, Locks: d.Paths.Locks(),
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

// inStore uses a store of secrets within the time that one may take.
func (d Deps) inStore(ctx context.Context, kind string, interactive bool, use func(context.Context, keychain.Store) error) error {
	store, err := d.store(kind, interactive)
	if err != nil {
		return err
	}
	limit := storeLimit
	if interactive {
		limit = storePersonLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return use(ctx, store)
}

// getSecret returns a secret of a profile's identity, or keychain.ErrNotFound.
func (d Deps) getSecret(ctx context.Context, kind string, p awsconfig.Profile, interactive bool) (secret.Text, error) {
	text := secret.Text{}
	err := d.inStore(ctx, p.Store, interactive, func(ctx context.Context, store keychain.Store) (err error) {
		for _, name := range secretNames(kind, p) {
			if text, err = store.Get(ctx, name); !errors.Is(err, keychain.ErrNotFound) {
				return err
			}
		}
		return keychain.ErrNotFound
	})
	return text, err
}

// setSecret keeps a secret of a profile's identity.
func (d Deps) setSecret(ctx context.Context, kind string, p awsconfig.Profile, interactive bool, text secret.Text) error {
	return d.inStore(ctx, p.Store, interactive, func(ctx context.Context, store keychain.Store) error {
		return store.Set(ctx, secretName(kind, p), text)
	})
}

// deleteSecret deletes a secret of a profile's identity, under all names that
// it may have, and reports whether there was one.
func (d Deps) deleteSecret(ctx context.Context, kind string, p awsconfig.Profile, interactive bool) (was bool, err error) {
	err = d.inStore(ctx, p.Store, interactive, func(ctx context.Context, store keychain.Store) error {
		var errs []error
		for _, name := range secretNames(kind, p) {
			one, err := store.Delete(ctx, name)
			was, errs = was || one, append(errs, err)
		}
		return errors.Join(errs...)
	})
	return was, err
}
