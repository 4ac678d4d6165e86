package cli_test

import (
	"runtime"
	"sync"
)

const (
	// minCPUSlots is the least number of tests that keep a processor busy, most
	// of them with a browser, at the same time.
	minCPUSlots = 3
	// idleTests is how many more tests may run meanwhile: they only wait for a
	// timeout or poll.
	idleTests = 6
)

var cpuSlots = make(chan struct{}, max(minCPUSlots, runtime.GOMAXPROCS(0)))

// acquireCPU waits for a slot and returns the function that releases it.
func acquireCPU() (release func()) {
	cpuSlots <- struct{}{}
	return sync.OnceFunc(func() { <-cpuSlots })
}
