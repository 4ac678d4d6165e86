package securefile

import (
	"errors"
	"os"
)

// Replace atomically replaces a file with a new one that only this user can read. write
// writes a temporary file in the same folder. temporary is a pattern for os.CreateTemp.
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
