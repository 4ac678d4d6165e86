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

	"github.com/o365aws/o365aws/internal/securefile"
)

// UpdateFile changes a file under a lock: it reads the file, calls edit on the content,
// and replaces the file atomically. A missing file counts as empty. If edit returns an
// error, the file remains unchanged. The new file has mode 0600. UpdateFile follows
// symbolic links to a file that the user owns.
func UpdateFile(ctx context.Context, path, locksDir string, edit func([]byte) ([]byte, error)) error {
	target, err := resolve(path)
	if err != nil {
		return err
	}
	unlock, err := securefile.Lock(ctx, lockOf(locksDir, target))
	if err != nil {
		return err
	}
	defer unlock()
	sweep(target)
	old, err := securefile.Read(target)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	changed, err := edit(old)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return replace(target, changed)
}

// resolve returns the path of the file to replace, without symbolic links. It checks that
// no other user can replace the file or a link to it.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if err := securefile.File(path); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, os.ErrNotExist) {
		if info, linked := os.Lstat(path); linked == nil && info.Mode()&os.ModeSymlink != 0 {
			return "", fmt.Errorf("%s is a link to a file that does not exist", path)
		}
		// It does not exist yet, or another process has just created it. Both use the
		// same lock.
		target, err = evalFolder(path)
	}
	return target, err
}

// evalFolder returns the path of a file without links in its folders.
func evalFolder(path string) (string, error) {
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(folder, filepath.Base(path)), err
}

// temporary returns the prefix of the names of a file's temporary files.
func temporary(target string) string { return ".o365aws-" + filepath.Base(target) + "-" }

// sweep removes the temporary files of writers of target that were killed. It runs
// under the lock, so no other process is writing them. Files that cannot be removed are
// retried next time.
func sweep(target string) {
	dir := filepath.Dir(target)
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), temporary(target)) {
			_ = os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}

// replace syncs the file to disk, so that it survives a crash of the machine.
func replace(target string, data []byte) error {
	err := securefile.Replace(target, temporary(target)+"*", func(f *os.File) error {
		_, err := f.Write(data)
		return errors.Join(err, f.Sync())
	})
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(target))
}

// lockOf returns the lock file of target.
func lockOf(locksDir, target string) string {
	sum := sha256.Sum256([]byte(target))
	return filepath.Join(locksDir, hex.EncodeToString(sum[:8])+".lock")
}
