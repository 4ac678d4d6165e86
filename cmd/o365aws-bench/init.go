package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// initName is the measurement of package initialization. It compares nothing: the Go
// runtime reports the cost of each linked package.
const (
	initName   = "package-init"
	initRounds = 30
	initAim    = 500 * time.Microsecond
	initShown  = 3
)

// initCost is the initialization time of a package in each round.
type initCost struct {
	name  string
	times []time.Duration
}

func (c initCost) median() time.Duration { return middle(c.times) }

// measureInit reports the packages with the longest initialization when the program
// starts, from GODEBUG=inittrace=1.
func measureInit(ctx context.Context, built programs, runs int) error {
	runs = cmp.Or(max(runs, 0), initRounds)
	byName := map[string][]time.Duration{}
	for range runs {
		cmd := exec.CommandContext(ctx, built.program, "version", "--output", "json")
		cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
		var trace bytes.Buffer
		cmd.Stderr = &trace
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", initName, err)
		}
		for _, line := range strings.Split(trace.String(), "\n") {
			if name, took, ok := initOf(line); ok {
				byName[name] = append(byName[name], took)
			}
		}
	}
	var costs []initCost
	for name, times := range byName {
		slices.Sort(times)
		costs = append(costs, initCost{name, times})
	}
	if len(costs) < initShown {
		return fmt.Errorf("%s: Go's trace tells nothing", initName)
	}
	slices.SortFunc(costs, func(a, b initCost) int { return cmp.Compare(b.median(), a.median()) })
	fmt.Printf(
		"%-24s at most %.2f ms (aim %.2f; %d rounds, %d packages)%s\n", initName, millis(costs[0].median()),
		millis(initAim), runs, len(costs), missed(costs[0].median() > initAim),
	)
	for _, c := range costs[:initShown] {
		fmt.Printf(
			"%-24s %.2f ms (%.2f to %.2f) %s\n", "", millis(c.median()), millis(c.times[0]),
			millis(c.times[len(c.times)-1]), c.name,
		)
	}
	return nil
}

// initOf parses a line of the trace: init NAME @T ms, D ms clock, N bytes, ...
func initOf(line string) (name string, took time.Duration, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 7 || fields[0] != "init" || fields[6] != "clock," {
		return "", 0, false
	}
	ms, err := strconv.ParseFloat(fields[4], 64)
	return fields[1], time.Duration(ms * float64(time.Millisecond)), err == nil
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
