package awsconfig

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// UpdateFile changes a file under a lock: it reads it, lets edit change the
// content, and replaces it as a whole. A missing file is empty; an error of
// edit leaves the file untouched. The new file has mode 0600, or the old one's
// if that is stricter. Symbolic links are followed to a file that the user
// owns.
func UpdateFile(ctx context.Context, path, locksDir string, edit func([]byte) ([]byte, error)) error {
	target, err := resolve(path)
	if err != nil {
		return err
	}
	unlock, err := Lock(ctx, locksDir, target)
	if err != nil {
		return err
	}
	defer unlock()
	sweep(target)
	old, err := os.ReadFile(target)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	changed, err := edit(old)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return replace(target, changed)
}

// resolve follows symbolic links to the file that will be replaced.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, os.ErrNotExist) {
		if _, linked := os.Lstat(path); linked == nil {
			return "", fmt.Errorf("%s is a link to a file that does not exist", path)
		}
		target, err = path, nil
	}
	if err != nil {
		return "", err
	}
	return target, checkOwner(target)
}

// temporary is how the names of a file's temporary files begin.
func temporary(target string) string { return ".o365aws-" + filepath.Base(target) + "-" }

// sweep removes what writers of target left when they were killed. It runs
// under the lock: nobody else is writing that file. What cannot be removed now
// is tried again the next time.
func sweep(target string) {
	dir := filepath.Dir(target)
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), temporary(target)) {
			_ = os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}

// replace writes data to a temporary file beside target and renames it, so
// that a reader sees the old file or the new one, never half of one.
func replace(target string, data []byte) (err error) {
	mode := os.FileMode(0o600)
	if info, statErr := os.Stat(target); statErr == nil {
		mode &= info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(target), temporary(target)+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, writeErr := f.Write(data)
	if err = errors.Join(writeErr, f.Chmod(mode|0o200), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = rename(f.Name(), target); err != nil {
		return err
	}
	return syncDir(filepath.Dir(target))
}

// lockRetry is how often a busy lock is tried again.
const lockRetry = 5 * time.Millisecond

// Lock takes the lock called name in the folder dir, waiting for it as long as
// ctx lives, and returns what gives it back. It is a kernel lock: it goes with
// its holder, however that ends.
func Lock(ctx context.Context, dir, name string) (func(), error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(name))
	path := filepath.Join(dir, hex.EncodeToString(sum[:8])+".lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	ticker := time.NewTicker(lockRetry)
	defer ticker.Stop()
	for {
		ok, err := tryLock(f)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
		}
		if ok {
			return func() { _ = f.Close() }, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-ticker.C:
		}
	}
}
