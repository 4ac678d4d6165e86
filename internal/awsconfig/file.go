package awsconfig

import (
	"bytes"
	"context"
	"errors"
	"os"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
)

// Check reports the first line for which some AWS tool would reject a file, as
// a *SyntaxError.
func Check(data []byte) error { return check(data) }

// ReadFile returns the content of a file, or nothing if it does not exist. A file
// that another user controls is refused: it decides which programs run, which hosts
// receive the password, and which keys are used.
func ReadFile(path string) ([]byte, error) {
	data, err := securefile.Read(path)
	var unsafe *securefile.UnsafeError
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case errors.As(err, &unsafe) && unsafe.Fix != "":
		return nil, fault.Newf(fault.Config, "cannot read %s: %s", path, unsafe.Problem).Hint("%s", unsafe.Fix)
	case err != nil:
		return nil, fault.Wrap(fault.Config, err, "cannot read "+path, "check its owner and permissions")
	}
	return data, nil
}

// ChangeConfig changes the config file under its lock. If the content is the same,
// the file is not written.
func ChangeConfig(ctx context.Context, paths Paths, change func([]byte) ([]byte, error)) error {
	return changeFile(ctx, paths.Config, paths.Locks(), change)
}

// ChangeCredentials does the same to the credentials file.
func ChangeCredentials(ctx context.Context, paths Paths, change func([]byte) ([]byte, error)) error {
	return changeFile(ctx, paths.Credentials, paths.Locks(), change)
}

// CanChange returns what would keep a file from being changed.
func CanChange(path string) error {
	if _, err := resolve(path); err != nil {
		return unchanged(err)
	}
	return nil
}

func unchanged(err error) error {
	return fault.Wrap(fault.Config, err, "not written; the file is unchanged")
}

func changeFile(ctx context.Context, path, locks string, change func([]byte) ([]byte, error)) error {
	err := UpdateFile(ctx, path, locks, func(data []byte) ([]byte, error) {
		changed, err := change(data)
		if err == nil && bytes.Equal(data, changed) {
			return nil, errSame
		}
		return changed, err
	})
	switch {
	case errors.Is(err, errSame):
		return nil
	case err == nil || ctx.Err() != nil:
		return err
	}
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return unchanged(err)
}

// errSame ends an update that changes nothing.
var errSame = errors.New("nothing to change")
