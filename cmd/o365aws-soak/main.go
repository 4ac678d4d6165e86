// Command o365aws-soak runs logins, renewals, parallel callers, kills, proxy
// failures and jumps of the clock against an emulator of Microsoft's and AWS's
// servers for a chosen time, and looks for what is left of them: processes,
// folders, goroutines, descriptors, locks, memory, lost credentials. It speaks
// to this machine alone, in temporary homes, and is never released.
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
	length := flag.Duration("for", time.Minute, "how long")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the order of things, to repeat a run")
	verbose := flag.Bool("v", false, "say each thing that is done")
	flag.Parse()
	err := run(ctx, *length, *seed, *verbose)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

var errProblems = errors.New("problems were found")

// run does things in a random order until the time is over, then waits for
// quiet and counts what is left.
func run(ctx context.Context, length time.Duration, seed uint64, verbose bool) error {
	s, err := newSoak(ctx, seed)
	if err != nil {
		return err
	}
	defer s.close()
	s.verbose = verbose
	fmt.Printf("%v of soak, seed %d\n", length, seed)
	for _, w := range []*world{s.inside, s.outside} {
		if e := w.run(ctx, "login", "--profile", "process"); e.code != 0 {
			return e.unexpected([]string{"login"})
		}
	}
	for _, o := range operations { // each once: what is opened once stays open
		s.do(ctx, o)
	}
	before := s.quiet(ctx)
	for end := time.Now().Add(length); time.Now().Before(end) && ctx.Err() == nil; {
		s.do(ctx, s.pick())
	}
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	after := s.quiet(ctx)
	s.judge(before, after)
	s.report(before, after)
	if len(s.problems) > 0 {
		return errProblems
	}
	return nil
}

// soak is one run.
type soak struct {
	random   *rand.Rand
	inside   *world // the command line in this process, whose clock jumps
	outside  *world // processes of the program, on the real clock
	verbose  bool
	problems []string
	done     map[string]*tally
	heap     []uint64 // after each thing that was done, in bytes
	remove   func()
}

// tally is what became of one kind of thing.
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

// pick chooses what to do next, by weight.
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

// do does one thing, and drops what the emulators remember of it.
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
		if stray := w.cloud.Posted(); stray > 0 {
			s.problem("%s: an assertion reached AWS's sign-in site", o.name)
		}
		w.cloud.Forget()
	}
	s.heap = append(s.heap, heapNow())
}

// maxProblems bounds the list: what goes wrong each time is said often enough.
const maxProblems = 50

func (s *soak) problem(format string, args ...any) {
	if len(s.problems) < maxProblems {
		s.problems = append(s.problems, fmt.Sprintf(format, args...))
		fmt.Println("PROBLEM", s.problems[len(s.problems)-1])
	}
}
