package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

// peakEvery is how often the peak is read. It only grows: the last reading
// before the process ends is the one that counts.
const peakEvery = 2 * time.Millisecond

// watchPeak reads the most memory that a process itself has had resident, as
// Linux counts it (VmHWM), until the function that it returns is called. Other
// systems do not tell: 0.
func watchPeak(pid int) func() int64 {
	var peak int64
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() {
		ticker := time.NewTicker(peakEvery)
		defer ticker.Stop()
		for {
			if now, ok := readPeak(pid); ok {
				peak = max(peak, now)
			}
			select {
			case <-done:
				return
			case <-ticker.C:
			}
		}
	})
	return func() int64 {
		close(done)
		wg.Wait()
		return peak
	}
}

// readPeak reads proc_pid_status(5).
func readPeak(pid int) (int64, bool) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, false
	}
	_, rest, found := bytes.Cut(data, []byte("VmHWM:"))
	if !found {
		return 0, false
	}
	fields := bytes.Fields(rest)
	kb, err := strconv.ParseInt(string(fields[0]), 10, 64)
	return kb << 10, err == nil
}
