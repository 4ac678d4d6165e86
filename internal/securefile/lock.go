package securefile

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Lock waits for the lock that the file path stands for, as long as ctx lives,
// and returns what gives it back. It is a kernel lock: it goes with its
// holder, however that ends. The kernel wakes the next one waiting, so that
// hundreds can wait without looking again and again.
func Lock(ctx context.Context, path string) (func(), error) {
	if err := os.MkdirAll(parent(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	release := func() { _, _ = unlock(f), f.Close() } // closing the only handle gives the lock back too
	switch ok, err := TryLock(f); {
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	case ok:
		return release, nil
	}
	done := make(chan error, 1)
	go func() { done <- waitLock(f) }()
	select {
	case err := <-done:
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
		}
		return release, nil
	case <-ctx.Done():
		go func() { <-done; release() }() // the kernel's wait cannot be called off
		return nil, ctx.Err()
	}
}
