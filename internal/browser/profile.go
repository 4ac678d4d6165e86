package browser

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
)

// profile is the folder of a browser run. Its owner holds a lock on a file next to it,
// which the kernel releases however the owner exits.
type profile struct {
	dir        string
	lock       *os.File
	persistent bool   // not removed when the browser exits
	temp       string // folder for temporary files, if separate
}

const lockSuffix = ".lock"

func profileFor(o Options) (*profile, error) {
	if o.Keep != "" {
		return persistentProfile(o.Keep)
	}
	return newProfile(o.StateDir)
}

// persistentProfile opens a persistent profile. One browser at a time may use it.
func persistentProfile(dir string) (*profile, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("browser profile: %w", err)
	}
	lock, err := os.OpenFile(dir+lockSuffix, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("browser profile: %w", err)
	}
	ok, err := securefile.TryLock(lock)
	if err != nil || !ok {
		_ = lock.Close()
		return nil, fault.Wrap(
			fault.Browser, err, "another sign-in has this profile's browser window open",
			"finish or close that window first",
		)
	}
	endUsers(dir) // browsers of a run that was killed
	if err := errors.Join(sweepScratch(lock), lock.Truncate(0)); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	for _, name := range []string{"SingletonLock", "SingletonSocket", "SingletonCookie", "DevToolsActivePort"} {
		_ = os.Remove(filepath.Join(dir, name)) // stale lock files would prevent a new browser from starting
	}
	return &profile{dir: dir, lock: lock, persistent: true}, nil
}

// newProfile creates a profile. If a concurrent sweep removes the lock file before it is
// locked, newProfile tries again.
func newProfile(stateDir string) (*profile, error) {
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return nil, fault.Wrap(
			fault.Config, err, "the folder for browser profiles cannot be made",
			"check O365AWS_HOME and who may write there",
		)
	}
	for {
		lock, err := os.CreateTemp(stateDir, "profile-*"+lockSuffix)
		if err != nil {
			return nil, fmt.Errorf("browser profile: %w", err)
		}
		ok, err := securefile.TryLock(lock)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("browser profile: cannot lock %s: %w", lock.Name(), err), lock.Close())
		}
		if !ok || !stillThere(lock) {
			_ = lock.Close() // the sweep removes it
			continue
		}
		dir := lock.Name()[:len(lock.Name())-len(lockSuffix)]
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, errors.Join(fmt.Errorf("browser profile: %w", err), closeAndRemove(lock))
		}
		return &profile{dir: dir, lock: lock}, nil
	}
}

// stillThere reports whether an open file still exists under its name.
func stillThere(f *os.File) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(f.Name())
	return err == nil && os.SameFile(open, named)
}

// remove deletes the folder and then releases the lock. It tries several times, because a
// browser process that is still exiting may write files.
func (p *profile) remove() error {
	var err error
	if p.temp != "" {
		err = removeAll(p.temp)
	}
	if p.persistent {
		return errors.Join(err, p.lock.Truncate(0), p.lock.Close())
	}
	return errors.Join(err, removeAll(p.dir), closeAndRemove(p.lock))
}

// closeAndRemove removes a lock file while it is locked, because otherwise another
// process could lock it in between. Windows cannot remove open files, so a sweep may
// remove the closed file first.
func closeAndRemove(lock *os.File) error {
	gone := os.Remove(lock.Name())
	err := lock.Close()
	if gone != nil {
		gone = os.Remove(lock.Name())
	}
	if gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

func removeAll(dir string) error {
	var err error
	for range 80 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	return fmt.Errorf("browser profile left behind: %w", err)
}

// Sweep removes the profiles of processes that were killed. It does not touch profiles in
// use.
func Sweep(stateDir string) error {
	locks, err := filepath.Glob(filepath.Join(stateDir, "profile-*"+lockSuffix))
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range locks {
		errs = append(errs, sweepOne(name))
	}
	return errors.Join(errs...)
}

func sweepOne(name string) error {
	lock, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil // another sweep has removed it
	}
	defer func() { _ = lock.Close() }()
	if ok, err := securefile.TryLock(lock); err != nil || !ok {
		return err
	}
	dir := name[:len(name)-len(lockSuffix)]
	endUsers(dir)
	if err := errors.Join(removeAll(dir), sweepScratch(lock)); err != nil {
		return err
	}
	return closeAndRemove(lock)
}
