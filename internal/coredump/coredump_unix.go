//go:build unix

package coredump

import "golang.org/x/sys/unix"

// original is the limit before Disable, or nil.
var original *unix.Rlimit

func disable() {
	hide()
	var limit unix.Rlimit
	if original != nil || unix.Getrlimit(unix.RLIMIT_CORE, &limit) != nil {
		return
	}
	previous := limit
	limit.Cur = min(noCore, limit.Max) // the hard limit is unchanged, so that Start can restore the soft one
	if unix.Setrlimit(unix.RLIMIT_CORE, &limit) == nil {
		original = &previous
	}
}

// restore restores the user's limit and returns a function that disables core dumps
// again.
func restore() func() {
	if original == nil {
		return func() {}
	}
	limit := *original
	if unix.Setrlimit(unix.RLIMIT_CORE, &limit) != nil {
		return func() {}
	}
	original = nil
	return disable
}
