package termtext

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		12 * time.Hour: "12h", time.Hour: "1h", 90 * time.Minute: "1h30m", 30 * time.Minute: "30m", 10 * time.Hour: "10h",
		20*time.Hour + 30*time.Second: "20h", 59 * time.Second: "0m", 0: "0m", 10 * time.Minute: "10m",
	} {
		t.Run(d.String(), func(t *testing.T) {
			if got := Duration(d); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
