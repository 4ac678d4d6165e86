package securefile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Only one process holds the lock at a time. One that stops waiting does not acquire it
// later.
func TestLock(t *testing.T) {
	a, b := filepath.Join(t.TempDir(), "locks", "a.lock"), filepath.Join(t.TempDir(), "b.lock")
	inside, most := 0, 0
	var mu sync.Mutex
	count := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		inside += by
		most = max(most, inside)
	}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			unlock, err := Lock(t.Context(), a)
			if err != nil {
				t.Error(err)
				return
			}
			count(1)
			count(-1)
			unlock()
		})
	}
	group.Wait()
	if most != 1 {
		t.Errorf("%d at once", most)
	}
	unlock, err := Lock(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if other, err := Lock(t.Context(), b); err != nil {
		t.Fatal(err)
	} else {
		other()
	}
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() {
		_, err := Lock(ctx, a)
		gaveUp <- err
	}()
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("waiting was not called off: %v", err)
	}
	unlock()
	for range 20 { // the waiter that gave up may acquire it once more, briefly
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		again, err := Lock(ctx, a)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		again()
		time.Sleep(time.Millisecond) // let other goroutines run
	}
}

// The second process acquires the lock when the first one releases it.
func TestLockWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.lock")
	unlock, err := Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() {
		release, err := Lock(ctx, path)
		if err == nil {
			release()
		}
		second <- err
	}()
	select {
	case err := <-second:
		t.Errorf("two hold it: %v", err)
		return
	case <-time.After(100 * time.Millisecond): // a shorter wait could miss the failure
	}
	unlock()
	if err := <-second; err != nil {
		t.Errorf("the second waits indefinitely: %v", err)
	}
}

// If a write fails, the old file remains and there are no temporary files.
func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	write := func(text string, end error) error {
		return Replace(path, ".new-*", func(f *os.File) error {
			_, err := f.WriteString(text)
			return errors.Join(err, end)
		})
	}
	if err := errors.Join(write("old", nil), write("new", nil)); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left")
	if err := write("half", full); !errors.Is(err, full) {
		t.Errorf("the failure is lost: %v", err)
	}
	if data, err := os.ReadFile(path); string(data) != "new" {
		t.Errorf("%q, %v", data, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".new-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Temporary files have random names in the same folder as the file, not in a shared one.
func TestTemporaryFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	names := map[string]bool{}
	for range 3 {
		err := Replace(path, ".new-*", func(f *os.File) error {
			if got, want := filepath.Dir(f.Name()), filepath.Dir(path); got != want {
				t.Errorf("got a temporary file in %s, want %s", got, want)
			}
			names[f.Name()] = true
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(names) != 3 {
		t.Errorf("got %d names of 3 temporary files, want 3", len(names))
	}
}

// A reader always gets a complete old or new file during a replacement, including on
// Windows, which briefly denies access.
func TestReadWhileReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	put := func() error {
		return Replace(path, ".new-*", func(f *os.File) error {
			_, err := f.WriteString("whole")
			return err
		})
	}
	if err := put(); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				if err := put(); err != nil {
					t.Error(err)
				}
				if data, err := Read(path); err != nil || string(data) != "whole" {
					t.Errorf("%q, %v", data, err)
				}
			}
		})
	}
	group.Wait()
}
