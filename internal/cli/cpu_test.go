package cli_test

import (
	"runtime"
	"sync"
)

const (
	// minCPUSlots is the minimum number of tests, most of them with a browser, that may
	// use the CPU at the same time.
	minCPUSlots = 3
	// idleTests is the number of additional tests that may run at the same time because
	// they only wait or poll.
	idleTests = 6
)

var cpuSlots = make(chan struct{}, max(minCPUSlots, runtime.GOMAXPROCS(0)))

// acquireCPU waits for a CPU slot. The caller must call release.
func acquireCPU() (release func()) {
	cpuSlots <- struct{}{}
	return sync.OnceFunc(func() { <-cpuSlots })
}
