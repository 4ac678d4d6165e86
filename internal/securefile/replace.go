package securefile

import (
	"errors"
	"os"
)

// Replace puts a new file, which only this user may read, in the place of an
// old one: a reader sees the one or the other, never half of one. write fills
// a temporary file beside it, whose name is made of temporary as
// os.CreateTemp does it.
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
