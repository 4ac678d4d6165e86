package login

import (
	"testing"

	"github.com/o365aws/o365aws/internal/secret"
)

// A mark comes off whole, and nothing else of a seed does.
func TestMarkedSeed(t *testing.T) {
	for _, text := range []string{"JBSWY3DPEHPK3PXP", "otpauth://totp/a:b?secret=JBSWY3DP", "refused:", "refused:x:JBSW", "refused:12", ""} {
		seed, window := unmarked(secret.New(text))
		if seed.Reveal() != text || window != 0 {
			t.Errorf("%q: %q in window %d", text, seed.Reveal(), window)
		}
		if seed, window := unmarked(marked(secret.New(text), 58982341)); seed.Reveal() != text || window != 58982341 {
			t.Errorf("%q, marked: %q in window %d", text, seed.Reveal(), window)
		}
	}
}
