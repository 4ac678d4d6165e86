package keychain

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/o365aws/o365aws/internal/secret"
)

// kernel stores secrets in the kernel keyring of the user, which exists only in memory.
// All processes of the user can read it. The secrets are lost when the machine restarts,
// and expire some time after their last use.
// Source: keyrings(7), persistent-keyring(7), user-keyring(7)
type kernel struct {
	prefix string // prefix of the descriptions of all keys of this O365AWS_HOME
	unused time.Duration
}

// kernelUnused is how long a secret remains after its last use. By default, the kernel
// expires a persistent keyring after the same time.
const kernelUnused = 3 * 24 * time.Hour

// keyTypes lists the types of keys in order of preference. A big_key uses little of the
// user's quota, which is 20,000 bytes in total, but not every kernel supports it.
var keyTypes = []string{"big_key", "user"}

func newKernel(o Options) Store {
	return kernel{prefix: "o365aws:" + digest(o.Home) + ":", unused: kernelUnused}
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// Get implements Store.
func (k kernel) Get(_ context.Context, name string) (secret.Text, error) {
	return inKeyring(func(ring int) (secret.Text, error) {
		id, err := k.search(ring, name)
		if err != nil {
			return secret.Text{}, err
		}
		value, err := readKey(id)
		if err == nil {
			err = k.expire(id)
		}
		return secret.New(string(value)), err
	})
}

// Set implements Store.
func (k kernel) Set(_ context.Context, name string, value secret.Text) error {
	_, err := inKeyring(func(ring int) (struct{}, error) {
		var id int
		var err error
		for _, kind := range keyTypes {
			id, err = unix.AddKey(kind, k.description(name), []byte(value.Reveal()), ring)
			if !errors.Is(err, unix.ENODEV) {
				break
			}
		}
		if err == nil {
			err = k.expire(id)
		}
		return struct{}{}, err
	})
	return err
}

// Delete implements Store.
func (k kernel) Delete(_ context.Context, name string) (bool, error) {
	return inKeyring(func(ring int) (bool, error) {
		id, err := k.search(ring, name)
		if errors.Is(err, ErrNotFound) {
			return false, nil
		}
		if err == nil {
			err = unlink(id, ring)
		}
		return err == nil, err
	})
}

// Clear implements Store.
func (k kernel) Clear(context.Context) (bool, error) {
	return inKeyring(func(ring int) (found bool, err error) {
		list, err := readKey(ring)
		for ; err == nil && len(list) >= 4; list = list[4:] {
			id := int(int32(binary.NativeEndian.Uint32(list)))
			text, err := unix.KeyctlString(unix.KEYCTL_DESCRIBE, id)
			if err != nil || !strings.Contains(text, ";"+k.prefix) { // expired, or of another program
				continue
			}
			if err := unlink(id, ring); err != nil {
				return found, err
			}
			found = true
		}
		return found, err
	})
}

func (k kernel) description(name string) string { return k.prefix + digest(name) }

func (k kernel) search(ring int, name string) (id int, err error) {
	for _, kind := range keyTypes {
		id, err = unix.KeyctlSearch(ring, kind, k.description(name), 0)
		if err == nil {
			break
		}
	}
	return id, kernelError(err)
}

func (k kernel) expire(id int) error {
	_, err := unix.KeyctlInt(unix.KEYCTL_SET_TIMEOUT, id, int(k.unused/time.Second), 0, 0)
	return err
}

func unlink(id, ring int) error {
	_, err := unix.KeyctlInt(unix.KEYCTL_UNLINK, id, ring, 0, 0)
	return err
}

// readKey returns the value of a key, which another process may change in the meantime.
func readKey(id int) ([]byte, error) {
	for size := 16 << 10; ; {
		value := make([]byte, size)
		n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, id, value, 0)
		if err != nil || n <= size {
			return value[:max(0, min(n, size))], err
		}
		size = n
	}
}

// inKeyring calls a function with the persistent keyring of the user or, if the kernel
// has none, with the user keyring. It links the keyring to that of the thread, because
// only a possessor may write.
func inKeyring[T any](call func(ring int) (T, error)) (T, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const thread = unix.KEY_SPEC_THREAD_KEYRING
	ring, err := unix.KeyctlInt(unix.KEYCTL_GET_PERSISTENT, -1, thread, 0, 0)
	if errors.Is(err, unix.EOPNOTSUPP) {
		ring = unix.KEY_SPEC_USER_KEYRING
		_, err = unix.KeyctlInt(unix.KEYCTL_LINK, ring, thread, 0, 0)
	}
	var value T
	if err == nil {
		value, err = call(ring)
	}
	return value, kernelError(err)
}

func kernelError(err error) error {
	var code unix.Errno
	if !errors.As(err, &code) {
		return err
	}
	switch code {
	case unix.ENOKEY, unix.EKEYEXPIRED, unix.EKEYREVOKED:
		return ErrNotFound
	case unix.EPERM, unix.EACCES, unix.ENOSYS, unix.EOPNOTSUPP: // a container, or a kernel without keyrings
		return &UnavailableError{Absent: true, Why: "the kernel keyring is not available here", Err: err}
	case unix.EDQUOT:
		return &UnavailableError{Why: "the kernel keyring of this user is full", Err: err}
	}
	return &UnavailableError{Why: "cannot use the kernel keyring", Err: err}
}

// automatic returns the kind of store to use by default: the kernel keyring if there
// is no Secret Service and the kernel permits it.
func automatic() string {
	if hasSecretService() {
		return "keychain"
	}
	if _, err := inKeyring(func(int) (struct{}, error) { return struct{}{}, nil }); err != nil {
		return "keychain" // its error explains what is missing
	}
	return "kernel"
}
