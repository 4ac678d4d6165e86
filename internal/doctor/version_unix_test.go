//go:build unix

package doctor

import (
	"os"
	"path/filepath"
	"testing"
)

// A browser that is started to report its version receives no secrets in its environment.
func TestVersionOfHidesSecrets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "browser")
	script := "#!/bin/sh\necho \"Chromium ${O365AWS_PASSWORD:-1.2.3}\"\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	w := World{GOOS: "linux", Environ: append(os.Environ(), "O365AWS_PASSWORD=9.9.9")}
	if got, want := versionOf(t.Context(), w, path), " 1.2.3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
