// Command o365aws-bench compares o365aws with the minimal cost of the same work, measured
// side by side in one run: ratios first, seconds for information. It is never released.
//
// Each measurement has a file here and a row in the table below; package initialization
// has no other way to compare.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/o365aws/o365aws/internal/fakecloud"
)

// measurements lists the measurements in the order of the report.
var measurements = []measurement{
	coldLogin,
	httpLogin,
	deviceLogin,
	deviceRenewal,
	warmProcess,
	parallelProcess,
	fanOut,
	prompt,
	version,
	completeWords,
	completeProfiles,
	completeRoles,
}

// measurement compares o365aws with the minimal cost of the same work.
type measurement struct {
	name     string // name on the command line
	emulator fakecloud.Options
	rounds   int // number of rounds; 0 for the default of five
	aim      float64
	peakAim  int64 // maximum memory in bytes; 0 if it is not measured
	// prepare runs once, before the first round. It may be nil.
	prepare func(context.Context, *bench) error
	ours    way
	floor   way
}

// way is a way of doing the work, labeled what in the report.
type way struct {
	what string
	run  func(context.Context, *bench) (sample, error)
}

// sample is the cost of one run.
type sample struct {
	took time.Duration
	peak int64 // in bytes; 0 if it was not measured
}

const usualRounds = 5

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	runs := flag.Int("runs", 0, "rounds of each measurement (default: as many as it needs)")
	flag.Parse()
	err := run(ctx, *runs, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run runs the named measurements, or all.
func run(ctx context.Context, runs int, names []string) error {
	built, err := build(ctx)
	if err != nil {
		return err
	}
	defer built.remove()
	fmt.Println(machine())
	fmt.Print("Medians of rounds in which the two ways take turns.\n\n")
	done := 0
	selected := func(name string) bool {
		is := len(names) == 0 || slices.Contains(names, name)
		if is {
			done++
		}
		return is
	}
	if selected(initName) {
		if err := measureInit(ctx, built, runs); err != nil {
			return err
		}
	}
	for _, m := range measurements {
		if !selected(m.name) {
			continue
		}
		if err := m.measure(ctx, built, runs); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	if done == 0 {
		return fmt.Errorf("no measurement is called %s", strings.Join(names, ", "))
	}
	return nil
}

// measure runs a warm-up round and then the counted rounds, and prints a report.
func (m measurement) measure(ctx context.Context, built programs, runs int) error {
	b, err := newBench(built, m.emulator)
	if err != nil {
		return err
	}
	defer b.close()
	b.peaks = m.peakAim > 0
	if m.prepare != nil {
		if err := m.prepare(ctx, b); err != nil {
			return err
		}
	}
	if runs <= 0 {
		runs = cmp.Or(m.rounds, usualRounds)
	}
	var rounds []round
	for i := range runs + 1 {
		var r round
		if r.ours, err = m.ours.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", m.ours.what, err)
		}
		if r.floor, err = m.floor.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", m.floor.what, err)
		}
		if i > 0 {
			rounds = append(rounds, r)
		}
	}
	m.report(rounds)
	return nil
}
