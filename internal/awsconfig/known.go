package awsconfig

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/o365aws/o365aws/internal/securefile"
)

// Roles and account names from earlier sign-ins, for completion and display. The
// files contain no secrets. A file that cannot be read counts as empty.

// Offered returns the ARNs of the roles that the last sign-in offered to a profile. If
// the profile has never signed in, it returns those of the other profiles as a best
// guess.
func Offered(p Paths, profile string) []string {
	all := readMap[[]string](p.Offered())
	if arns, ok := all[profile]; ok {
		return arns
	}
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(all))...))))
}

// RememberOffered stores the ARNs of the roles that a sign-in offered to a profile.
func RememberOffered(p Paths, profile string, arns []string) error {
	return updateMap(p, p.Offered(), func(m map[string][]string) { m[profile] = arns })
}

// AccountNames returns the names of accounts by number.
func AccountNames(p Paths) map[string]string { return readMap[string](p.Accounts()) }

// RememberAccounts adds names of accounts to the stored ones.
func RememberAccounts(p Paths, names map[string]string) error {
	return updateMap(p, p.Accounts(), func(m map[string]string) {
		for account, name := range names {
			m[account] = name
		}
	})
}

// DeleteState deletes the roles, choices and tenants of earlier sign-ins, and reports
// whether there were any. It preserves account names, because the user may have written
// them.
func DeleteState(p Paths) (bool, error) {
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
