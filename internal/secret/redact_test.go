package secret

import (
	"strings"
	"testing"
)

func TestRedactLong(t *testing.T) {
	long := strings.Repeat("aZ9+/_%-", 10)
	for text, want := range map[string]string{
		"":                                "",
		"a short word":                    "a short word",
		long:                              "[redacted]",
		long[1:]:                          long[1:],
		"token " + long + "==, é " + long: "token [redacted], é [redacted]",
		long[1:] + " x":                   long[1:] + " x",
	} {
		t.Run(text, func(t *testing.T) {
			if got := RedactLong(text, len(long)); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
