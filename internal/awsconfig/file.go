package awsconfig

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
	"github.com/o365aws/o365aws/internal/termtext"
)

// Check reports the first line for which some AWS tool would reject a file, as
// a *SyntaxError.
func Check(data []byte) error { return check(data) }

// ReadFile returns the content of a file, or nothing if it does not exist. It refuses a
// file that another user controls, because the file determines which programs run, which
// hosts receive the password, and which keys are used.
func ReadFile(path string) ([]byte, error) {
	data, err := securefile.Read(path)
	var unsafe *securefile.UnsafeError
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case errors.As(err, &unsafe):
		return nil, fault.Newf(fault.Config, "cannot read %s: %s", path, unsafe.Problem).
			Hint("%s", cmp.Or(unsafe.Fix, "select another file with AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE"))
	case err != nil:
		hint, ok := fault.Environment(err)
		if !ok {
			hint = "check its owner and permissions"
		}
		return nil, fault.Wrap(fault.Config, err, "cannot read "+path, hint)
	}
	if _, encoding := termtext.Decode(data); encoding == "UTF-16" {
		return nil, fault.New(fault.Config, path+" is encoded in UTF-16, which AWS tools do not read",
			"save it as UTF-8 without a byte order mark")
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

// CanChange returns the reason why a file cannot be changed, or nil.
func CanChange(path string) error {
	if _, err := resolve(path); err != nil {
		return unchanged(err)
	}
	return nil
}

func unchanged(err error) error { return withAdvice(err, "not written; the file is unchanged") }

// withAdvice returns a fault with a hint if the machine is the cause.
func withAdvice(err error, msg string) *fault.Error {
	f := fault.Wrap(fault.Config, err, msg)
	if hint, ok := fault.Environment(err); ok {
		return f.Hint("%s", hint)
	}
	return f
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
