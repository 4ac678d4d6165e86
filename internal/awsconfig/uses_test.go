package awsconfig

import (
	"testing"
	"time"
)

// The score of a role grows with each use and halves in two weeks.
func TestUseScore(t *testing.T) {
	paths := ResolvePaths(func(string) string { return "" }, t.TempDir())
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, arn := range []string{"often", "often", "once"} {
		if err := LoadState(paths).CountUse(arn, now); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		arn  string
		at   time.Time
		want float64
	}{
		"used twice":     {"often", now, 2},
		"used once":      {"once", now, 1},
		"two weeks ago":  {"often", now.Add(useHalfLife), 1},
		"four weeks ago": {"often", now.Add(2 * useHalfLife), 0.5},
		"never":          {"never", now, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := LoadState(paths).UseScore(c.arn, c.at); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
