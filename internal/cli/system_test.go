package cli

import (
	"os"
	"testing"

	"github.com/o365aws/o365aws/internal/subprocess"
)

// Secrets are removed from the environment of the process, which child processes inherit.
// o365aws itself can still read them.
func TestSystemWithholdsSecrets(t *testing.T) {
	for _, name := range subprocess.Private {
		t.Setenv(name, "from the environment")
	}
	env := System()
	for _, name := range subprocess.Private {
		if value, found := os.LookupEnv(name); found {
			t.Errorf("%s is still in the environment: %q", name, value)
		}
		if got := env.Getenv(name); got != "from the environment" {
			t.Errorf("%s: got %q, want its value", name, got)
		}
	}
}
