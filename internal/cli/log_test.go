package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/secret"
)

// People read sentences, programs that read --debug get what slog writes; no
// secret is in either.
func TestLog(t *testing.T) {
	log := func(s *session) string {
		var stderr bytes.Buffer
		s.Env = Env{Stderr: &stderr, Getenv: func(string) string { return "" }}
		l := s.logger(secret.New("hunter2")).With("profile", "dev")
		l.Warn("no lock", "error", errors.New("mkdir\x1b[2J: hunter2"))
		l.Info("signing in", "token", secret.New("x"))
		l.Debug("a page")
		return stderr.String()
	}
	if got, want := log(&session{}), "o365aws: warning: no lock, profile dev: mkdir<U+001B>[2J: [redacted]\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := log(&session{verbose: true}); !strings.HasSuffix(
		got, "\no365aws: signing in, profile dev, token [redacted]\n",
	) {
		t.Errorf("verbose: %q", got)
	}
	if got := log(&session{debug: true}); strings.Count(got, "time=") != 3 || strings.Contains(got, "hunter2") {
		t.Errorf("debug: %q", got)
	}
	if got := log(&session{oneLine: true}); got != "" {
		t.Errorf("for a program: %q", got)
	}
}
