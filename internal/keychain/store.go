// Package keychain stores long-lived secrets, such as sessions and passwords, in the
// system keychain, the kernel keyring or files encrypted with a passphrase. Stores are
// opened on their first call, and calls end with their context, because a keychain can be
// locked or block indefinitely.
package keychain

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// Store stores secrets by name.
type Store interface {
	// Get returns ErrNotFound if there is no secret of that name.
	Get(ctx context.Context, name string) (secret.Text, error)
	Set(ctx context.Context, name string, value secret.Text) error
	// Delete reports whether there was a secret of that name.
	Delete(ctx context.Context, name string) (bool, error)
	// Clear deletes every secret of o365aws and reports whether there was one.
	Clear(ctx context.Context) (bool, error)
}

var (
	// ErrNotFound reports that there is no secret of that name.
	ErrNotFound = errors.New("no such secret is stored")
	// ErrLocked reports that the store contains the secret but needs a passphrase.
	ErrLocked = errors.New("it is locked with a passphrase")
	// ErrNone is the error of the store "none".
	ErrNone = fmt.Errorf("%w: o365aws_store is none", ErrNotFound)
)

// UnavailableError reports that a store cannot be used.
type UnavailableError struct {
	Why    string
	Absent bool  // this system has no such store, so it contains nothing
	Locked bool  // the system keychain is locked (ErrLocked is for the secret store file)
	Err    error // may be nil
}

func (e *UnavailableError) Error() string {
	if e.Err == nil {
		return e.Why
	}
	return e.Why + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error { return e.Err }

// Options configures stores.
type Options struct {
	// Patience limits a call to the system keychain; 0 applies only the context. It does
	// not apply while the user types the passphrase.
	Patience time.Duration
	Home     string // O365AWS_HOME
	Locks    string // folder of lock files
	// Passphrase returns the passphrase of the file store, or a new one if create is set.
	Passphrase func(ctx context.Context, create bool) (secret.Text, error)
}

// Names maps the kinds of stores to their display names.
var Names = map[string]string{
	"keychain": "system keychain", "kernel": "kernel keyring", "file": "secret store file", "none": "store \"none\"", "": "system keychain",
}

// Open returns the store of the given kind.
func Open(kind string, o Options) (Store, error) {
	switch kind {
	case "keychain", "":
		return system{o.Patience}, nil
	case "kernel":
		return newKernel(o), nil
	case "file":
		return newFiles(o), nil
	case "none":
		return none{}, nil
	}
	return nil, fault.Newf(fault.Config, "invalid o365aws_store %q", kind).
		Hint("use auto, keychain, kernel, file or none")
}

// Stores opens each store once per run, because deriving a key from the passphrase takes
// a second. The zero value is ready to use.
type Stores struct {
	mu    sync.Mutex
	files *files
	auto  string // the kind that "auto" selects; "" until it is known
}

// Kind returns the kind of store that "auto" selects on this machine, or else kind
// itself.
func (s *Stores) Kind(kind string) string {
	if kind != "auto" {
		return kind
	}
	if s == nil {
		return automatic()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.auto == "" {
		s.auto = automatic()
	}
	return s.auto
}

// Open opens a store like the function Open, and also resolves "auto". The latest options
// apply: whether the user can be prompted may change during a run.
func (s *Stores) Open(kind string, o Options) (Store, error) {
	kind = s.Kind(kind)
	if kind != "file" || s == nil {
		return Open(kind, o)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files == nil {
		s.files = newFiles(o)
	}
	s.files.with(o)
	return s.files, nil
}

// none is a store that is always empty.
type none struct{}

func (none) Get(context.Context, string) (secret.Text, error) { return secret.Text{}, ErrNone }
func (none) Set(context.Context, string, secret.Text) error   { return nil }
func (none) Delete(context.Context, string) (bool, error)     { return false, nil }
func (none) Clear(context.Context) (bool, error)              { return false, nil }
