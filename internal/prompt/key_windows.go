package prompt

import (
	"errors"
	"time"
)

// watchKeys fails: a read from a console cannot be canceled.
func watchKeys(int) error { return errors.ErrUnsupported }

// keyReady returns at once: the read blocks until there is input.
func keyReady(int, time.Duration) bool { return true }
