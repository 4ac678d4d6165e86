package securefile

import (
	"errors"
	"os"
)

// Replace replaces a file atomically by a new one that only this user may read.
// write fills a temporary file beside it, whose name os.CreateTemp makes from
// the pattern temporary.
func Replace(path, temporary string, write func(*os.File) error) (err error) {
	f, err := os.CreateTemp(parent(path), temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if err := errors.Join(write(f), f.Close()); err != nil {
		return err
	}
	return rename(f.Name(), path)
}
