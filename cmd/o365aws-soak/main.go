// Command o365aws-soak runs sign-ins, renewals, parallel calls, kills, proxy
// failures and clock jumps against the emulator for a given time, and reports
// leaked processes, files, goroutines, descriptors, locks and memory, and lost
// credentials. It uses temporary homes and no network, and is not released.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	length := flag.Duration("for", time.Minute, "duration")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "seed of the random sequence, to repeat a run")
	verbose := flag.Bool("v", false, "print each operation")
	flag.Parse()
	err := run(ctx, *length, *seed, *verbose)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

var errProblems = errors.New("found problems")

// run runs random operations for the given duration and then checks for leaks.
func run(ctx context.Context, length time.Duration, seed uint64, verbose bool) error {
	s, err := newSoak(ctx, seed)
	if err != nil {
		return err
	}
	defer s.close()
	s.verbose = verbose
	fmt.Printf("soak test for %v, seed %d\n", length, seed)
	for _, w := range []*world{s.inside, s.outside} {
		if e := w.run(ctx, "login", "--profile", "process"); e.code != 0 {
			return e.unexpected([]string{"login"})
		}
	}
	for _, o := range operations { // the baseline: some resources stay open after their first use
		s.do(ctx, o)
	}
	before := s.settle(ctx)
	for end := time.Now().Add(length); time.Now().Before(end) && ctx.Err() == nil; {
		s.do(ctx, s.pick())
	}
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	after := s.settle(ctx)
	s.check(before, after)
	s.report(before, after)
	if len(s.problems) > 0 {
		return errProblems
	}
	return nil
}

// soak is one run.
type soak struct {
	random   *rand.Rand
	inside   *world // runs commands in this process, with a simulated clock
	outside  *world // runs the program as processes, with the real clock
	verbose  bool
	problems []string
	done     map[string]*tally
	heap     []uint64 // in use after each operation, in bytes
	remove   func()
}

// tally counts the runs of one operation.
type tally struct {
	times   int
	took    time.Duration
	longest time.Duration
}

func newSoak(ctx context.Context, seed uint64) (*soak, error) {
	s := &soak{random: rand.New(rand.NewPCG(seed, 0)), done: map[string]*tally{}, remove: func() {}}
	program, remove, err := buildProgram(ctx)
	if err != nil {
		return nil, err
	}
	s.remove = remove
	s.inside, err = newWorld("")
	if err == nil {
		s.outside, err = newWorld(program)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *soak) close() {
	for _, w := range []*world{s.inside, s.outside} {
		if w != nil {
			w.close()
		}
	}
	s.remove()
}

// pick returns a random operation, by weight.
func (s *soak) pick() operation {
	sum := 0
	for _, o := range operations {
		sum += o.weight
	}
	n := s.random.IntN(sum)
	for _, o := range operations {
		if n -= o.weight; n < 0 {
			return o
		}
	}
	return operations[0]
}

// do runs one operation and clears the request logs of the emulators.
func (s *soak) do(ctx context.Context, o operation) {
	began := time.Now()
	err := o.run(ctx, s)
	took := time.Since(began)
	if ctx.Err() != nil {
		return
	}
	t := s.done[o.name]
	if t == nil {
		t = &tally{}
		s.done[o.name] = t
	}
	t.times++
	t.took += took
	t.longest = max(t.longest, took)
	if s.verbose {
		fmt.Printf("%s  %-18s %.1fs\n", began.Format(time.TimeOnly), o.name, took.Seconds())
	}
	if err != nil {
		s.problem("%s: %v", o.name, err)
	}
	for _, w := range []*world{s.inside, s.outside} {
		if stray := w.cloud.LeakedAssertions(); stray > 0 {
			s.problem("%s: an assertion reached AWS's sign-in site", o.name)
		}
		w.cloud.DiscardHistory()
	}
	s.heap = append(s.heap, heapNow())
}

// maxProblems limits the list in case an operation fails every time.
const maxProblems = 50

func (s *soak) problem(format string, args ...any) {
	if len(s.problems) < maxProblems {
		s.problems = append(s.problems, fmt.Sprintf(format, args...))
		fmt.Println("PROBLEM", s.problems[len(s.problems)-1])
	}
}
