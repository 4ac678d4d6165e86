package cli

import (
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/o365aws/o365aws/internal/pattern"
	"github.com/o365aws/o365aws/internal/secret"
)

// logger writes to stderr as --verbose and --debug say, and never a secret.
func (s *session) logger(secrets ...secret.Text) *slog.Logger {
	secrets = append(secrets, secret.New(s.Getenv("O365AWS_TOTP_SECRET")))
	level := slog.LevelWarn
	switch {
	case s.debug:
		level = slog.LevelDebug
	case s.verbose:
		level = slog.LevelInfo
	case s.oneLine:
		level = slog.LevelError
	}
	return slog.New(slog.NewTextHandler(&redactor{to: s.Stderr, secrets: secrets}, &slog.HandlerOptions{Level: level}))
}

// redactor is the last thing between a log line and a stream. The types that
// hold secrets redact themselves; this catches text that slipped past them.
type redactor struct {
	mu      sync.Mutex
	to      io.Writer
	secrets []secret.Text
}

// suspicious is what looks like a credential, whatever it is called.
var suspicious = pattern.New(`(?i)((SAMLResponse|SAMLAssertion|passwd|password|flowToken|canary|ctx|assertion)=)[^&\s"]+|\b(ASIA|AKIA)[A-Z0-9]{12,}|\b[A-Za-z0-9+/_-]{120,}={0,2}`)

// Write implements io.Writer.
func (r *redactor) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	line := suspicious.ReplaceAllString(string(p), "${1}[redacted]")
	for _, s := range r.secrets {
		if !s.IsZero() {
			line = strings.ReplaceAll(line, s.Reveal(), "[redacted]")
		}
	}
	if _, err := io.WriteString(r.to, line); err != nil {
		return 0, err
	}
	return len(p), nil
}
