//go:build unix

package securefile

import (
	"errors"
	"os"
	"syscall"
)

// TryLock acquires the kernel lock of f and reports whether it did.
func TryLock(f *os.File) (bool, error) {
	err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

func waitLock(f *os.File) error { return flock(f, syscall.LOCK_EX) }

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// unlock does nothing: closing the file releases the lock.
func unlock(*os.File) error { return nil }

func rename(from, to string) error { return os.Rename(from, to) }
