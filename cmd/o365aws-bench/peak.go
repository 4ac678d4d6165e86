package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

// peakEvery is the interval at which the peak is read. It only grows, so the last reading
// before the process exits is the result.
const peakEvery = 2 * time.Millisecond

// watchPeak reads the peak resident memory of a process, not including its children
// (VmHWM on Linux), until the returned function is called. On other systems it is 0.
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

// readPeak parses the file described in proc_pid_status(5).
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
