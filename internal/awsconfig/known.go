package awsconfig

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/o365aws/o365aws/internal/securefile"
)

// What is known of roles and accounts, for completion and for people. These
// files hold no secret, and one that cannot be read is as good as none.

// Offered returns the ARNs of the roles that were offered to a profile last.
func Offered(p Paths, profile string) []string { return readMap[[]string](p.Offered())[profile] }

// RememberOffered keeps them.
func RememberOffered(p Paths, profile string, arns []string) error {
	return updateMap(p, p.Offered(), func(m map[string][]string) { m[profile] = arns })
}

// AccountNames returns what accounts are called.
func AccountNames(p Paths) map[string]string { return readMap[string](p.Accounts()) }

// RememberAccounts adds names of accounts to those that are known.
func RememberAccounts(p Paths, names map[string]string) error {
	return updateMap(p, p.Accounts(), func(m map[string]string) {
		for account, name := range names {
			m[account] = name
		}
	})
}

// Forget removes what sign-ins taught: roles, choices, tenants. It reports
// whether there was anything. Account names stay: a person may have written them.
func Forget(p Paths) (bool, error) {
	removed := false
	var errs []error
	for _, path := range []string{p.Offered(), p.State()} {
		err := os.Remove(path)
		removed = removed || err == nil
		if !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return removed, errors.Join(errs...)
}

func readMap[V any](path string) map[string]V {
	m := map[string]V{}
	if data, err := securefile.Read(path); err == nil && json.Unmarshal(data, &m) != nil {
		m = map[string]V{}
	}
	return m
}

func updateMap[V any](p Paths, path string, set func(map[string]V)) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return changeFile(ctx, path, p.Locks(), func(data []byte) ([]byte, error) {
		m := map[string]V{}
		if len(bytes.TrimSpace(data)) > 0 && json.Unmarshal(data, &m) != nil {
			m = map[string]V{}
		}
		set(m)
		text, err := json.MarshalIndent(m, "", "  ")
		return append(text, '\n'), err
	})
}
