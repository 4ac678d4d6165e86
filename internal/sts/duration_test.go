package sts

import (
	"testing"
	"time"
)

// Durations are written as people say them.
func TestHours(t *testing.T) {
	for d, want := range map[time.Duration]string{
		12 * time.Hour: "12h", time.Hour: "1h", 90 * time.Minute: "1h30m", 30 * time.Minute: "30m", 10 * time.Hour: "10h",
		20*time.Hour + 30*time.Second: "20h0m30s",
	} {
		if got := hours(d); got != want {
			t.Errorf("hours(%v) = %q, want %q", d, got, want)
		}
	}
}
