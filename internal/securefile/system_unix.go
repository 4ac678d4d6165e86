//go:build unix

package securefile

import (
	"errors"
	"os"
	"syscall"
)

// TryLock takes the kernel lock of f, or reports that another handle has it.
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

// unlock has nothing to do: closing the file gives the lock back.
func unlock(*os.File) error { return nil }

// Read reads a file that another process may be replacing.
func Read(path string) ([]byte, error) { return os.ReadFile(path) }

func rename(from, to string) error { return os.Rename(from, to) }
