package keychain

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"filippo.io/age"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/securefile"
)

// files stores each secret in a file encrypted with age (age-encryption.org/v1). The
// files are encrypted to a key, which is itself in a file encrypted with the passphrase:
// deriving a key from a passphrase is slow and happens once per run.
type files struct {
	dir  string
	work int // log2 of the work factor of the passphrase; 0 is the default of age

	mu  sync.Mutex
	o   Options
	key *age.X25519Identity
}

const (
	keyFile  = "key.age"
	suffix   = ".age"
	maxValue = 1 << 20
)

func newFiles(o Options) *files { return &files{o: o, dir: filepath.Join(o.Home, "secrets")} }

func (f *files) with(o Options) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.o = o
}

func (f *files) path(name string) string {
	sum := sha256.Sum256([]byte(name))
	return filepath.Join(f.dir, hex.EncodeToString(sum[:16])+suffix)
}

// Get implements Store.
func (f *files) Get(ctx context.Context, name string) (secret.Text, error) {
	data, err := securefile.Read(f.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return secret.Text{}, ErrNotFound
	}
	if err != nil {
		return secret.Text{}, &UnavailableError{Why: "cannot read the secret store file", Err: err}
	}
	key, err := f.unlock(ctx, false)
	if err != nil {
		return secret.Text{}, err
	}
	value, err := decrypt(data, key)
	if err != nil {
		return secret.Text{}, ErrNotFound // encrypted to an older key, or damaged
	}
	return secret.New(string(value)), nil
}

// Set implements Store.
func (f *files) Set(ctx context.Context, name string, value secret.Text) error {
	key, err := f.unlock(ctx, true)
	if err != nil {
		return err
	}
	data, err := encrypt([]byte(value.Reveal()), key.Recipient())
	if err != nil {
		return err
	}
	return f.write(ctx, f.path(name), data)
}

// Delete implements Store.
func (f *files) Delete(_ context.Context, name string) (bool, error) {
	err := os.Remove(f.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Clear implements Store.
func (f *files) Clear(context.Context) (bool, error) {
	names, _ := filepath.Glob(filepath.Join(f.dir, "*"+suffix)) // the pattern is well formed
	var errs []error
	for _, name := range names {
		errs = append(errs, os.Remove(name))
	}
	return len(names) > 0, errors.Join(errs...)
}

func (f *files) write(ctx context.Context, path string, data []byte) error {
	f.mu.Lock()
	locks := f.o.Locks
	f.mu.Unlock()
	err := awsconfig.UpdateFile(ctx, path, locks, func([]byte) ([]byte, error) { return data, nil })
	if err != nil {
		return &UnavailableError{Why: "cannot write the secret store file", Err: err}
	}
	return nil
}

// unlock returns the key. If there is none, it creates one when create is set.
func (f *files) unlock(ctx context.Context, create bool) (*age.X25519Identity, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.key != nil {
		return f.key, nil
	}
	path := filepath.Join(f.dir, keyFile)
	data, err := securefile.Read(path)
	missing := errors.Is(err, os.ErrNotExist)
	switch {
	case missing && !create:
		return nil, ErrNotFound
	case err != nil && !missing:
		return nil, &UnavailableError{Why: "cannot read the key of the secret store", Err: err}
	}
	passphrase, err := f.passphrase(ctx, missing)
	if err != nil {
		return nil, err
	}
	if missing {
		f.key, err = f.create(ctx, path, passphrase)
	} else {
		f.key, err = openKey(data, passphrase)
	}
	return f.key, err
}

func (f *files) passphrase(ctx context.Context, create bool) (secret.Text, error) {
	const hint = "set O365AWS_STORE_PASSPHRASE, or run o365aws login in a terminal"
	needed := fault.Wrap(fault.NeedsInput, ErrLocked, "cannot open the secret store file", hint)
	if create {
		needed = fault.New(fault.NeedsInput, "the secret store file needs a passphrase", hint)
	}
	if f.o.Passphrase == nil {
		return secret.Text{}, needed
	}
	passphrase, err := f.o.Passphrase(ctx, create)
	if err == nil && passphrase.IsZero() || fault.KindOf(err) == fault.NeedsInput {
		return secret.Text{}, needed
	}
	return passphrase, err
}

// create creates the key, or returns the one that another process has created in the
// meantime.
func (f *files) create(ctx context.Context, path string, passphrase secret.Text) (*age.X25519Identity, error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	recipient, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		return nil, err
	}
	if f.work > 0 {
		recipient.SetWorkFactor(f.work)
	}
	data, err := encrypt([]byte(key.String()), recipient)
	if err != nil {
		return nil, err
	}
	var earlier []byte
	err = awsconfig.UpdateFile(ctx, path, f.o.Locks, func(old []byte) ([]byte, error) {
		if len(old) > 0 {
			earlier = old
			return old, nil
		}
		return data, nil
	})
	switch {
	case err != nil:
		return nil, &UnavailableError{Why: "cannot write the key of the secret store", Err: err}
	case earlier != nil:
		return openKey(earlier, passphrase)
	}
	return key, nil
}

func openKey(data []byte, passphrase secret.Text) (*age.X25519Identity, error) {
	identity, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		return nil, err
	}
	text, err := decrypt(data, identity)
	if err != nil {
		return nil, fault.New(
			fault.Config, "wrong passphrase for the secret store", "check O365AWS_STORE_PASSPHRASE",
			"o365aws logout --all deletes the secrets and their passphrase",
		)
	}
	key, err := age.ParseX25519Identity(string(text))
	if err != nil {
		return nil, &UnavailableError{Why: "the key of the secret store is damaged"} // the cause could quote the key
	}
	return key, nil
}

func encrypt(value []byte, to age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, fmt.Errorf("encrypting a secret: %w", err)
	}
	_, writeErr := w.Write(value)
	if err := errors.Join(writeErr, w.Close()); err != nil {
		return nil, fmt.Errorf("encrypting a secret: %w", err)
	}
	return out.Bytes(), nil
}

func decrypt(data []byte, by age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(data), by)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, maxValue))
}
