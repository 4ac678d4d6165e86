package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// round is one run of each way, one after the other.
type round struct{ ours, floor sample }

func (r round) ratio() float64 { return float64(r.ours.took) / float64(r.floor.took) }

// report prints a line per target: the ratio and the figures that it is computed from.
func (m measurement) report(rounds []round) {
	ratios := sorted(rounds, round.ratio)
	ours := sorted(rounds, func(r round) time.Duration { return r.ours.took })
	floor := sorted(rounds, func(r round) time.Duration { return r.floor.took })
	fmt.Printf(
		"%-24s ratio %.2f (aim %.2f; %d rounds, %.2f to %.2f)%s\n", m.name, middle(ratios), m.aim, len(rounds),
		ratios[0], ratios[len(ratios)-1], missed(middle(ratios) > m.aim),
	)
	fmt.Printf("%-24s %s %s, %s %s\n", "", m.ours.what, short(middle(ours)), m.floor.what, short(middle(floor)))
	if m.peakAim == 0 {
		return
	}
	peak := middle(sorted(rounds, func(r round) int64 { return r.ours.peak }))
	if peak == 0 {
		fmt.Printf("%-24s peak memory is not measured on %s\n", "", runtime.GOOS)
		return
	}
	fmt.Printf(
		"%-24s peak memory %.1f MB (aim %.0f MB)%s\n", "", float64(peak)/1e6, float64(m.peakAim)/1e6,
		missed(peak > m.peakAim),
	)
}

func sorted[T cmp.Ordered](rounds []round, value func(round) T) []T {
	var values []T
	for _, r := range rounds {
		values = append(values, value(r))
	}
	slices.Sort(values)
	return values
}

func middle[T any](values []T) T { return values[len(values)/2] }

func missed(is bool) string {
	if is {
		return "  MISSED"
	}
	return ""
}

func short(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// machine describes the machine that the figures were measured on.
func machine() string {
	return fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
}
