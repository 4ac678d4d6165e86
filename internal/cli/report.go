package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/securefile"
	"github.com/o365aws/o365aws/internal/subprocess"
	"github.com/o365aws/o365aws/internal/termtext"
)

// maxMessage is the maximum width of a message, in columns.
const maxMessage = 600

// report prints the error and its hints on stderr, and returns the exit code.
func (s *output) report(ctx context.Context, err error) int {
	if err == nil {
		return 0
	}
	var status subprocess.Status
	var failed *subprocess.NotStarted
	switch {
	case errors.As(err, &failed):
		s.sayAfter("o365aws: error: ", "%s", termtext.Printable(failed.Error(), maxMessage))
		return int(failed.Status)
	case errors.As(err, &status):
		return int(status) // even if an interrupt ended ctx, the status of the command is returned
	}
	kind, message, hints := describe(ctx, err)
	if message == "" {
		return int(kind) // the output has shown it
	}
	if s.json {
		s.reportJSON(kind, message, hints)
		return int(kind)
	}
	if s.oneLine {
		line := strings.Join(append([]string{message}, hints...), "; ")
		s.sayAsIs("o365aws: error: " + termtext.Printable(line, maxMessage))
		return int(kind)
	}
	s.sayAfter("o365aws: error: ", "%s", termtext.Printable(s.tilde(message), maxMessage))
	for _, hint := range hints {
		s.sayAfter("o365aws: hint: ", "%s", termtext.Printable(s.tilde(hint), maxMessage))
	}
	return int(kind)
}

// describe returns the kind, message and hints of an error. It reports an interrupt only
// if the caller's context ended: libraries return Canceled for other reasons too.
func describe(ctx context.Context, err error) (fault.Kind, string, []string) {
	if ctx.Err() != nil || errors.Is(err, context.Canceled) {
		return fault.Interrupted, "interrupted", nil
	}
	var written *fs.PathError
	if errors.As(err, &written) && written.Path == os.Stdout.Name() {
		return fault.Config, "cannot write the output: " + written.Err.Error(), nil // a full disk is not a bug
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		if hint, ok := fault.Environment(err); ok {
			return fault.Config, err.Error(), []string{hint}
		}
		if errors.As(err, new(*securefile.UnsafeError)) {
			return fault.Config, err.Error(), nil
		}
		if errors.As(err, new(*keychain.UnavailableError)) {
			return fault.Config, err.Error(), []string{
				"to check the secret store: o365aws doctor", "or set o365aws_store = file, which needs no keychain",
			}
		}
		return fault.Internal, err.Error(), []string{
			"this is a bug in o365aws; please report it with the output of --debug (secrets are redacted): " +
				fault.Reports,
		}
	}
	return f.Kind, strings.ReplaceAll(f.Error(), "\n", " "), f.Hints
}

// jsonRequested reports whether a command line, which may be invalid, contains --output
// json.
func jsonRequested(args []string) bool {
	for i, arg := range args {
		if arg == "--" {
			break // the rest are arguments of another command
		}
		name, value, joined := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if !joined && i+1 < len(args) {
			value = args[i+1]
		}
		if strings.HasPrefix(arg, "-") && (name == "o" || name == "output") && value == "json" {
			return true
		}
	}
	return false
}

// processRequested reports whether a command line, which may be invalid, runs
// credential-process.
func processRequested(args []string) bool {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	return slices.Contains(args, "credential-process")
}

func (s *output) reportJSON(kind fault.Kind, message string, hints []string) {
	if hints == nil {
		hints = []string{}
	}
	type body struct {
		Kind    string   `json:"kind"`
		Message string   `json:"message"`
		Hints   []string `json:"hints"`
	}
	data, err := json.Marshal(struct {
		Error body `json:"error"`
	}{body{kind.String(), message, hints}})
	if err != nil {
		s.sayAfter("o365aws: error: ", "%s", termtext.Printable(message, maxMessage))
		return
	}
	s.sayAsIs(string(escaped(data)))
}

// data prints a JSON document to stdout.
func (s *output) data(document any) error {
	data, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return err
	}
	_, err = s.Stdout.Write(append(escaped(data), '\n'))
	return err
}

// escaped escapes characters in a JSON document that control the terminal or the writing
// direction. They can only occur in strings.
func escaped(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for _, r := range string(data) {
		switch {
		case r == '\n' || termtext.Plain(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
