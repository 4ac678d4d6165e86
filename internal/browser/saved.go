package browser

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
)

// RemoveProfile deletes a persistent profile including its session, and reports whether
// it existed. It does not delete a profile in use.
func RemoveProfile(dir string) (bool, error) {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	lock, err := os.OpenFile(dir+lockSuffix, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return false, fmt.Errorf("browser profile: %w", err)
	}
	defer func() { _ = lock.Close() }()
	if ok, err := securefile.TryLock(lock); err != nil || !ok {
		return false, fault.Wrap(
			fault.Browser, err, "a window has the persistent browser profile open",
			"close that window, and run o365aws logout again",
		)
	}
	endUsers(dir) // browsers of a run that was killed
	if err := errors.Join(sweepScratch(lock), removeAll(dir)); err != nil {
		return false, err
	}
	return true, closeAndRemove(lock)
}

// Profiles lists the persistent profiles in a folder.
func Profiles(folder string) []string {
	var dirs []string
	entries, _ := os.ReadDir(folder) // a missing folder has no profiles
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasSuffix(entry.Name(), lockSuffix) {
			dirs = append(dirs, filepath.Join(folder, entry.Name()))
		}
	}
	return dirs
}
