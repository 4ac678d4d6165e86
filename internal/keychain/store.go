// Package keychain keeps long-lived secrets: sessions and passwords. They are
// in the keychain of the system, in files encrypted under a passphrase for who
// chose that, or nowhere. Nothing is touched before the first call, and no
// call outlives its context: a keychain can be locked, or hang for ever.
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

// Store keeps secrets by name.
type Store interface {
	// Get returns ErrNotFound when there is no such secret.
	Get(ctx context.Context, name string) (secret.Text, error)
	Set(ctx context.Context, name string, value secret.Text) error
	// Delete reports whether there was such a secret.
	Delete(ctx context.Context, name string) (bool, error)
	// Clear deletes every secret of o365aws, and reports whether there was one.
	Clear(ctx context.Context) (bool, error)
}

var (
	// ErrNotFound says that there is no secret of that name.
	ErrNotFound = errors.New("no such secret is stored")
	// ErrNone is the answer of the store \"none\".
	ErrNone = fmt.Errorf("%w: o365aws_store is none", ErrNotFound)
)

// UnavailableError says that a store cannot be used here, or not now.
type UnavailableError struct {
	Why    string
	Absent bool  // this system has no such store: nothing can be in it
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

// Options say what the stores need.
type Options struct {
	// Patience is how long a call may wait for the system's keychain; 0 is for
	// as long as its context. A person who is asked for a passphrase takes as
	// long as they do.
	Patience time.Duration
	Home     string // O365AWS_HOME
	Locks    string // folder of lock files
	// Passphrase returns the passphrase of the file store; fresh says that
	// there is no store yet, and a new passphrase is wanted.
	Passphrase func(ctx context.Context, fresh bool) (secret.Text, error)
}

// Open returns the store of a kind: keychain, file or none.
func Open(kind string, o Options) (Store, error) {
	switch kind {
	case "keychain", "":
		return system{o.Patience}, nil
	case "file":
		return newFiles(o), nil
	case "none":
		return none{}, nil
	}
	return nil, fault.Newf(fault.Config, "o365aws_store %q is unknown", kind).Hint("it is keychain, file or none")
}

// Stores are the stores of one run, each of which is opened once: the step
// from a passphrase to a key takes a second. The zero Stores is ready to use.
type Stores struct {
	mu    sync.Mutex
	files *files
}

// Open is like the function Open. Of the options the latest hold: whether a
// person can be asked may change in a run.
func (s *Stores) Open(kind string, o Options) (Store, error) {
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

// none keeps nothing.
type none struct{}

func (none) Get(context.Context, string) (secret.Text, error) { return secret.Text{}, ErrNone }
func (none) Set(context.Context, string, secret.Text) error   { return nil }
func (none) Delete(context.Context, string) (bool, error)     { return false, nil }
func (none) Clear(context.Context) (bool, error)              { return false, nil }
