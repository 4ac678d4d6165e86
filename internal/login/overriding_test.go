package login

import (
	"slices"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/warm"
)

// A warm call looks at the variables that the table of settings names for
// what decides whose credentials these are, and at no others.
func TestOverridingVariables(t *testing.T) {
	var want []string
	for _, s := range awsconfig.Settings {
		if slices.Contains(identitySettings, s.Key) {
			want = append(want, s.Env...)
		}
	}
	got := slices.Clone(warm.Overriding)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("warm looks at %v, the table says %v", got, want)
	}
}
