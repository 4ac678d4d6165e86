package keychain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/o365aws/o365aws/internal/blocking"
	"github.com/o365aws/o365aws/internal/secret"
)

// service is the name under which the system keychain lists the secrets of o365aws.
const service = "o365aws"

// system is the system keychain: Keychain on macOS, Credential Manager on Windows,
// the Secret Service on Linux. The first two limit an item to a few kilobytes, so
// a longer secret is split into parts.
type system struct{ patience time.Duration }

// partsMark precedes the number of parts and the checksum of the whole secret, which
// detects parts of different writes.
const partsMark = "o365aws-parts:"

// Get implements Store.
func (s system) Get(ctx context.Context, name string) (secret.Text, error) {
	return within(ctx, s.patience, func() (secret.Text, error) {
		first, err := keyring.Get(service, name)
		if err != nil {
			return secret.Text{}, translate(err)
		}
		count, sum, split := parts(first)
		if !split {
			return secret.New(first), nil
		}
		var whole strings.Builder
		for i := 1; i <= count; i++ {
			part, err := keyring.Get(service, partName(name, i))
			if err != nil {
				return secret.Text{}, translate(err)
			}
			whole.WriteString(part)
		}
		if sumOf(whole.String()) != sum {
			return secret.Text{}, ErrNotFound
		}
		return secret.New(whole.String()), nil
	})
}

// Set implements Store.
func (s system) Set(ctx context.Context, name string, value secret.Text) error {
	_, err := within(ctx, s.patience, func() (struct{}, error) {
		text := value.Reveal()
		if len(text) <= itemLimit {
			return struct{}{}, translate(keyring.Set(service, name, text))
		}
		count := 0
		for rest := text; rest != ""; {
			n := min(len(rest), itemLimit)
			count++
			if err := keyring.Set(service, partName(name, count), rest[:n]); err != nil {
				return struct{}{}, translate(err)
			}
			rest = rest[n:]
		}
		return struct{}{}, translate(keyring.Set(service, name, fmt.Sprintf("%s%d:%s", partsMark, count, sumOf(text))))
	})
	return err
}

// Delete implements Store.
func (s system) Delete(ctx context.Context, name string) (bool, error) {
	return within(ctx, s.patience, func() (bool, error) {
		first, err := keyring.Get(service, name)
		if err != nil {
			err = translate(err)
			if errors.Is(err, ErrNotFound) {
				return false, nil
			}
			return false, err
		}
		errs := []error{gone(keyring.Delete(service, name))}
		count, _, _ := parts(first)
		for i := 1; i <= count; i++ {
			errs = append(errs, gone(keyring.Delete(service, partName(name, i))))
		}
		return true, errors.Join(errs...)
	})
}

// Clear implements Store. Keychains do not report how many items they deleted.
func (s system) Clear(ctx context.Context) (bool, error) {
	return within(ctx, s.patience, func() (bool, error) {
		err := translate(keyring.DeleteAll(service))
		if errors.Is(err, ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	})
}

func partName(name string, i int) string { return name + "#" + strconv.Itoa(i) }

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

func parts(first string) (count int, sum string, split bool) {
	rest, split := strings.CutPrefix(first, partsMark)
	number, sum, _ := strings.Cut(rest, ":")
	count, err := strconv.Atoi(number)
	return count, sum, split && err == nil && count > 0 && count < 1000
}

func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return &UnavailableError{Absent: true, Why: "this system has no supported keychain"}
	case strings.Contains(err.Error(), "unlock"), strings.HasSuffix(err.Error(), interactionNotAllowed):
		return &UnavailableError{
			Locked: true, Why: "the system keychain is locked; to unlock it, " + howToUnlock(), Err: err,
		}
	}
	return &UnavailableError{Why: "cannot use the system keychain", Err: err}
}

// interactionNotAllowed ends the error of the macOS command security if it cannot prompt
// for the password of the keychain (errSecInteractionNotAllowed).
const interactionNotAllowed = "exit status 36"

// howToUnlock returns how to unlock the keychain of this system.
func howToUnlock() string {
	switch runtime.GOOS {
	case "darwin":
		return "run security unlock-keychain"
	case "windows":
		return "sign out of Windows and sign in again"
	}
	return "sign in to the desktop, or run gnome-keyring-daemon --replace --unlock and type its password"
}

func gone(err error) error {
	if err = translate(err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// within calls the system keychain with a time limit of patience, unless that is 0.
func within[T any](ctx context.Context, patience time.Duration, call func() (T, error)) (T, error) {
	var zero T
	if err := reachable(); err != nil {
		return zero, err
	}
	if patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	value, err := blocking.Call(ctx, func() (value T, err error) {
		defer func() {
			if recover() != nil { // the library panics on malformed replies of the bus
				value, err = zero, &UnavailableError{Why: "unexpected reply from the system keychain"}
			}
		}()
		return call()
	})
	if err != nil && errors.Is(err, ctx.Err()) {
		return zero, &UnavailableError{
			Why: "the system keychain does not respond: it may be locked; to unlock it, " + howToUnlock(),
			Err: context.Cause(ctx),
		}
	}
	return value, err
}
