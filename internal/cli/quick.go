package cli

import (
	"context"
	"slices"

	"github.com/o365aws/o365aws/internal/completion"
	"github.com/o365aws/o365aws/internal/warm"
)

// quick answers the command lines that must be as fast as a program can
// start, before the framework lays out every command and flag. It reports
// whether it did, and the exit code.
func (s *session) quick(ctx context.Context) (code int, done bool) {
	if len(s.args) < 2 {
		return 0, false
	}
	rest := s.args[2:]
	switch s.args[1] {
	case "version":
		if len(rest) > 0 || s.Getenv(variableOf("output")) != "" || s.Getenv(variableOf("json")) != "" {
			return 0, false
		}
		return s.report(ctx, s.printVersion()), true
	case completion.Name:
		return s.report(ctx, s.complete(rest)), true
	case "status":
		i := slices.Index(rest, "--prompt")
		if i < 0 {
			return 0, false
		}
		name, ok := warm.ProfileOnly(slices.Delete(slices.Clone(rest), i, i+1))
		if !ok {
			return 0, false
		}
		return s.report(ctx, s.prompted(name)), true
	}
	return 0, false
}
