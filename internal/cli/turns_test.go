package cli_test

import (
	"runtime"
	"sync"
)

const (
	// atOnce is how many tests that keep a processor busy, most of them with a
	// browser, run at the same time, at least.
	atOnce = 3
	// besides is how many more may run then: they wait for a limit to pass or
	// for the next look at something, doing nothing.
	besides = 6
)

var turns = make(chan struct{}, max(atOnce, runtime.GOMAXPROCS(0)))

// aTurn waits until one more may keep a processor busy.
func aTurn() (over func()) {
	turns <- struct{}{}
	return sync.OnceFunc(func() { <-turns })
}
