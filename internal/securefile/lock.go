package securefile

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Lock waits for the kernel lock of the file path until ctx ends, and returns the
// function that releases it. The kernel also releases it if its holder exits, and wakes
// the next waiter, so that hundreds of processes can wait without polling.
func Lock(ctx context.Context, path string) (func(), error) {
	if err := os.MkdirAll(parent(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	release := func() { _, _ = unlock(f), f.Close() } // closing the only handle also releases the lock
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
		go func() { <-done; release() }() // the wait in the kernel cannot be canceled
		return nil, ctx.Err()
	}
}
