package cli

import (
	"context"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/termtext"
)

// logger writes to stderr at the level of --verbose and --debug, with secrets redacted.
func (s *invocation) logger(secrets ...secret.Text) *slog.Logger {
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
	to := &redactor{to: s.messages(), secrets: secrets}
	if !s.debug {
		return slog.New(plainLog{to: to, level: level})
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: level}))
}

// plainLog is a slog.Handler that writes records as sentences for users, without time and
// quotes.
type plainLog struct {
	to    io.Writer
	level slog.Level
	attrs []slog.Attr
}

// Enabled implements slog.Handler.
func (p plainLog) Enabled(_ context.Context, level slog.Level) bool { return level >= p.level }

// Handle implements slog.Handler.
func (p plainLog) Handle(_ context.Context, record slog.Record) error {
	var b strings.Builder
	b.WriteString("o365aws: ")
	if record.Level >= slog.LevelWarn {
		b.WriteString("warning: ")
	}
	b.WriteString(record.Message)
	show := func(a slog.Attr) bool {
		value := termtext.Printable(a.Value.Resolve().String(), maxMessage)
		if a.Key == "error" {
			b.WriteString(": " + value)
		} else {
			b.WriteString(", " + a.Key + " " + value)
		}
		return true
	}
	for _, a := range p.attrs {
		show(a)
	}
	record.Attrs(show)
	_, err := io.WriteString(p.to, b.String()+"\n")
	return err
}

// WithAttrs implements slog.Handler.
func (p plainLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	p.attrs = slices.Concat(p.attrs, attrs)
	return p
}

// WithGroup implements slog.Handler. This program does not use groups.
func (p plainLog) WithGroup(string) slog.Handler { return p }

// redactor redacts log lines before they are written. Secret types redact themselves;
// this catches text that bypasses them.
type redactor struct {
	mu      sync.Mutex
	to      io.Writer
	secrets []secret.Text
}

// maxToken is the length from which encoded text counts as a token.
const maxToken = 120

// credential matches credentials with a known name or prefix.
var credential = regexp.MustCompile(
	`(?i)((SAMLResponse|SAMLAssertion|passwd|password|flowToken|canary|ctx|assertion)=)[^&\s"]+` +
		`|\b(ASIA|AKIA)[A-Z0-9]{12,}`,
)

// Write implements io.Writer.
func (r *redactor) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	line := secret.RedactLong(credential.ReplaceAllString(string(p), "${1}[redacted]"), maxToken)
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
