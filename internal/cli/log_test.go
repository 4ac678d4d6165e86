package cli

import (
	"bytes"
	"errors"
	"regexp"
	"testing"

	"github.com/o365aws/o365aws/internal/secret"
)

// Log lines are sentences; --debug uses the slog text format. Secrets are redacted.
func TestLog(t *testing.T) {
	const warning = "o365aws: warning: no lock, profile dev: mkdir<U+001B>[2J: [redacted]\n"
	for name, c := range map[string]struct {
		run  invocation
		want string // with --debug only the part after the time
	}{
		"default": {invocation{}, warning},
		"verbose": {invocation{verbose: true}, warning + "o365aws: signing in, profile dev, token [redacted]\n"},
		"debug": {
			invocation{debug: true},
			`level=WARN msg="no lock" profile=dev error="mkdir\x1b[2J: [redacted]"` + "\n" +
				`level=INFO msg="signing in" profile=dev token=[redacted]` + "\n" +
				`level=DEBUG msg="a page" profile=dev` + "\n",
		},
		"one line": {invocation{output: output{oneLine: true}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			c.run.Env = Env{Stderr: &stderr, Getenv: func(string) string { return "" }}
			l := c.run.logger(secret.New("hunter2")).With("profile", "dev")
			l.Warn("no lock", "error", errors.New("mkdir\x1b[2J: hunter2"))
			l.Info("signing in", "token", secret.New("x"))
			l.Debug("a page")
			got := regexp.MustCompile(`(?m)^time=\S+ `).ReplaceAllString(stderr.String(), "")
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
