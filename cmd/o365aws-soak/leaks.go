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

// remains is what is left when all is quiet.
type remains struct {
	goroutines  int
	descriptors int // of this process; -1 where nobody tells
	heap        uint64
}

const (
	quietLimit = 100 * time.Second
	quietEvery = 2 * time.Second
	// quietAtLeast is how long idle connections are kept: 30 s.
	quietAtLeast = 36 * time.Second
)

// quiet waits until nothing changes any more, and counts. Go keeps pipes by
// which the kernel copies between connections until memory is collected
// (internal/poll, splice_linux.go), and gives those up in the collection after.
func (s *soak) quiet(ctx context.Context) remains {
	var last remains
	same := 0
	began := time.Now()
	for since := time.Duration(0); since < quietLimit && (same < 3 || since < quietAtLeast) && ctx.Err() == nil; since = time.Since(began) {
		runtime.GC()
		now := remains{goroutines: runtime.NumGoroutine(), descriptors: descriptors()}
		same++
		if now != last {
			same, last = 0, now
		}
		select {
		case <-ctx.Done():
		case <-time.After(quietEvery):
		}
	}
	last.heap = heapNow()
	return last
}

// heapNow is how much memory is in use after a collection.
func heapNow() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// What may be more at the end than after each thing was done once.
const (
	spareGoroutines  = 4
	spareDescriptors = 4
	spareHeap        = 4 << 20
)

// judge compares the end with the beginning, and looks into the homes.
func (s *soak) judge(before, after remains) {
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

// thirds are the least memory in use in the first and in the last third.
func (s *soak) thirds() (first, last uint64) {
	n := max(1, len(s.heap)/3)
	return slices.Min(s.heap[:n]), slices.Min(s.heap[len(s.heap)-n:])
}

// leftovers are what remains after a login, which sweeps up after those that
// were killed.
func (w *world) leftovers() []string {
	w.cloud.SetSessions(fakecloud.SessionRevoked) // by the browser
	defer w.cloud.SetSessions(fakecloud.SessionLives)
	for _, profile := range []string{"p0", "p2"} {
		if e := w.run(context.Background(), "login", "--profile", profile, "--force"); e.code != 0 {
			return []string{e.unexpected([]string{"login"}).Error()}
		}
	}
	return w.remaining()
}

// remaining are processes that name the home, and files and folders that
// belong to something that has ended.
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
				left = append(left, fmt.Sprintf("%s, which is held (%v)", path, err))
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		left = append(left, err.Error())
	}
	return left
}

// report says what was done and what is left.
func (s *soak) report(before, after remains) {
	fmt.Printf("\n| Done | Times | Mean | Longest |\n|---|---|---|---|\n")
	for _, o := range operations {
		if t := s.done[o.name]; t != nil {
			fmt.Printf(
				"| %s | %d | %.2f s | %.2f s |\n", o.name, t.times, t.took.Seconds()/float64(t.times),
				t.longest.Seconds(),
			)
		}
	}
	first, last := s.thirds()
	fmt.Printf("\n| Left | After each once | At the end |\n|---|---|---|\n"+
		"| goroutines | %d | %d |\n| descriptors | %d | %d |\n| memory in use, MiB | %.1f | %.1f |\n"+
		"| least memory of the first and last third, MiB | %.1f | %.1f |\n| problems | | %d |\n",
		before.goroutines, after.goroutines, before.descriptors, after.descriptors,
		mib(before.heap), mib(after.heap), mib(first), mib(last), len(s.problems))
	if len(s.problems) > 0 {
		fmt.Printf("\nRepeat passphrase: -seed as above. Exit codes: %d is a bug of o365aws.\n", fault.Internal)
	}
}

func mib(bytes uint64) float64 { return float64(bytes) / (1 << 20) }
