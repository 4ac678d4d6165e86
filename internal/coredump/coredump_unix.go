//go:build unix

package coredump

import "golang.org/x/sys/unix"

// original is the limit before Disable, nil until then.
var original *unix.Rlimit

func disable() {
	hide()
	var limit unix.Rlimit
	if original != nil || unix.Getrlimit(unix.RLIMIT_CORE, &limit) != nil {
		return
	}
	kept := limit
	limit.Cur = min(noCore, limit.Max) // the hard limit stays, so that Start can restore the other one
	if unix.Setrlimit(unix.RLIMIT_CORE, &limit) == nil {
		original = &kept
	}
}

// restore sets the limit of the user and returns what turns core dumps off again.
func restore() func() {
	if original == nil {
		return func() {}
	}
	kept := *original
	if unix.Setrlimit(unix.RLIMIT_CORE, &kept) != nil {
		return func() {}
	}
	original = nil
	return disable
}
