package prompt

import (
	"errors"
	"time"
)

// watchKeys fails: a console has no read that ends without a key.
func watchKeys(int) error { return errors.ErrUnsupported }

// keyReady leaves the waiting to the read.
func keyReady(int, time.Duration) bool { return true }
