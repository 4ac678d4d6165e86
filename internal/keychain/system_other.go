//go:build !linux

package keychain

import (
	"context"

	"github.com/o365aws/o365aws/internal/secret"
)

// itemLimit is the maximum size of an item in bytes: Windows allows 2560, macOS as much
// as fits, encoded, into a command of 4096 bytes.
const itemLimit = 2000

func reachable() error { return nil }

// automatic returns the kind of store to use by default.
func automatic() string { return "keychain" }

// newKernel returns a store that is always empty: only Linux has a kernel keyring.
func newKernel(Options) Store {
	return absent{}
}

type absent struct{}

var errAbsent = &UnavailableError{Absent: true, Why: "only Linux has a kernel keyring"}

func (absent) Get(context.Context, string) (secret.Text, error) { return secret.Text{}, errAbsent }
func (absent) Set(context.Context, string, secret.Text) error   { return errAbsent }
func (absent) Delete(context.Context, string) (bool, error)     { return false, errAbsent }
func (absent) Clear(context.Context) (bool, error)              { return false, errAbsent }
