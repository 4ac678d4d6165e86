package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/fault"
)

// resources holds the resource usage of the process while no operation runs.
type resources struct {
	goroutines  int
	descriptors int // of this process; -1 if unknown
	heap        uint64
}

const (
	settleLimit    = 100 * time.Second
	settleInterval = 2 * time.Second
	// settleMinimum is longer than the timeout of idle connections, which is 30 s.
	settleMinimum = 36 * time.Second
)

// settle waits until the counts no longer change and returns them. Go pools the pipes
// that splice connections (internal/poll, splice_linux.go) and closes them two garbage
// collections later.
func (s *soak) settle(ctx context.Context) resources {
	var last resources
	began, same := time.Now(), 0
	settled := func() bool { return same >= 3 && time.Since(began) >= settleMinimum }
	for !settled() && time.Since(began) < settleLimit && ctx.Err() == nil {
		runtime.GC()
		now := resources{goroutines: runtime.NumGoroutine(), descriptors: descriptors()}
		same++
		if now != last {
			same, last = 0, now
		}
		select {
		case <-ctx.Done():
		case <-time.After(settleInterval):
		}
	}
	last.heap = heapNow()
	return last
}

// heapNow collects garbage and returns the bytes that remain in use.
func heapNow() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Accepted growth between the first round of operations and the end.
const (
	spareGoroutines  = 4
	spareDescriptors = 4
	spareHeap        = 4 << 20
)

// check reports growth since the first round, and leftovers in the homes.
func (s *soak) check(before, after resources) {
	if after.goroutines > before.goroutines+spareGoroutines {
		s.problem("goroutines: %d, then %d", before.goroutines, after.goroutines)
	}
	if after.descriptors > before.descriptors+spareDescriptors {
		s.problem("descriptors: %d, then %d", before.descriptors, after.descriptors)
	}
	if first, last := s.thirds(); last > first+first/4+spareHeap {
		s.problem("memory: %d KiB in the first third, %d KiB in the last", first>>10, last>>10)
	}
	for _, w := range []*world{s.inside, s.outside} {
		for _, left := range w.leftovers() {
			s.problem("left behind: %s", left)
		}
	}
}

// thirds returns the minimum memory in use, in bytes, in the first and in the
// last third of the run.
func (s *soak) thirds() (first, last uint64) {
	n := max(1, len(s.heap)/3)
	return slices.Min(s.heap[:n]), slices.Min(s.heap[len(s.heap)-n:])
}

// leftovers signs in, which cleans up after killed processes, and returns what is left
// behind.
func (w *world) leftovers() []string {
	w.cloud.SetSessions(fakecloud.SessionRevoked) // sign in with the browser
	defer w.cloud.SetSessions(fakecloud.SessionLives)
	for _, profile := range []string{"p0", "p2"} {
		if e := w.run(context.Background(), "login", "--profile", profile, "--force"); e.code != 0 {
			return []string{e.unexpected([]string{"login"}).Error()}
		}
	}
	return w.remaining()
}

// remaining returns processes that name the home in their command line, and
// files, folders and locks of operations that have ended.
func (w *world) remaining() []string {
	left := processesOf(w.home)
	err := filepath.WalkDir(w.home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		switch {
		case strings.HasPrefix(name, "profile-"),
			strings.HasPrefix(name, ".new-"),
			strings.HasPrefix(name, ".o365aws-"):
			left = append(left, path)
		case strings.HasSuffix(name, ".lock"):
			if free, err := isFree(path); err != nil || !free {
				left = append(left, fmt.Sprintf("locked: %s (%v)", path, err))
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		left = append(left, err.Error())
	}
	return left
}

// report prints the operations and the resources as tables.
func (s *soak) report(before, after resources) {
	fmt.Printf("\n| Operation | Count | Mean | Maximum |\n|---|---|---|---|\n")
	for _, o := range operations {
		if t := s.done[o.name]; t != nil {
			fmt.Printf(
				"| %s | %d | %.2f s | %.2f s |\n", o.name, t.times, t.took.Seconds()/float64(t.times),
				t.longest.Seconds(),
			)
		}
	}
	first, last := s.thirds()
	fmt.Printf("\n| Resource | After one round | At the end |\n|---|---|---|\n"+
		"| goroutines | %d | %d |\n| file descriptors | %d | %d |\n| memory in use, MiB | %.1f | %.1f |\n"+
		"| minimum memory in the first and last third, MiB | %.1f | %.1f |\n| problems | | %d |\n",
		before.goroutines, after.goroutines, before.descriptors, after.descriptors,
		mib(before.heap), mib(after.heap), mib(first), mib(last), len(s.problems))
	if len(s.problems) > 0 {
		fmt.Printf("\nTo repeat the run, pass the seed above with -seed. Exit code %d is a bug in o365aws.\n", fault.Internal)
	}
}

func mib(bytes uint64) float64 { return float64(bytes) / (1 << 20) }
