package termtext

import (
	"strings"
	"time"
)

// Duration formats d in hours and minutes without zero parts, such as 12h, 45m or 1h30m.
// It truncates seconds; less than a minute is 0m.
func Duration(d time.Duration) string {
	text := strings.TrimSuffix(d.Truncate(time.Minute).String(), "0s")
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	if text == "" {
		return "0m"
	}
	return text
}
