package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/securefile"
	"github.com/o365aws/o365aws/internal/termtext"
)

// JSON output preserves malicious text, escaped so that it cannot control the terminal.
func TestJSONEscapesControlCharacters(t *testing.T) {
	const hostile = "a\u009b31m\x1b[2J\u202e\u200b\u0085\U000e0041 Zoë 山田"
	var out, problems bytes.Buffer
	s := &output{json: true, Env: Env{Stdout: &out, Stderr: &problems}}
	if err := s.data(map[string]string{"name": hostile}); err != nil {
		t.Fatal(err)
	}
	if code := s.report(context.Background(), fault.New(fault.Auth, hostile)); code != int(fault.Auth) {
		t.Errorf("got exit code %d, want %d", code, fault.Auth)
	}
	var named struct{ Name string }
	if err := json.Unmarshal(out.Bytes(), &named); err != nil || named.Name != hostile {
		t.Errorf("document: got %s, want the name %q: %v", out.String(), hostile, err)
	}
	var failed struct{ Error struct{ Message string } }
	if err := json.Unmarshal(problems.Bytes(), &failed); err != nil || failed.Error.Message != hostile {
		t.Errorf("error: got %s, want the message %q: %v", problems.String(), hostile, err)
	}
	for _, r := range out.String() + problems.String() {
		if r != '\n' && !termtext.Plain(r) {
			t.Errorf("got %U unescaped", r)
		}
	}
}

// An error of the machine is not reported as a bug.
func TestKindsOfPlainErrors(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want fault.Kind
		hint string
	}{
		"full disk": {
			&os.PathError{Op: "write", Path: "/x", Err: syscall.ENOSPC}, fault.Config, "free some disk space",
		},
		"unsafe":       {fmt.Errorf("a: %w", &securefile.UnsafeError{Problem: "x"}), fault.Config, ""},
		"secret store": {&keychain.UnavailableError{Why: "x"}, fault.Config, "o365aws doctor"},
		"output":       {&os.PathError{Op: "write", Path: os.Stdout.Name(), Err: syscall.ENOSPC}, fault.Config, ""},
		"bug":          {errors.New("nil map"), fault.Internal, "this is a bug"},
	} {
		t.Run(name, func(t *testing.T) {
			kind, message, hints := describe(t.Context(), c.err)
			if kind != c.want || !strings.Contains(strings.Join(hints, " "), c.hint) {
				t.Errorf("got %s, %q, %q, want %s with the hint %q", kind, message, hints, c.want, c.hint)
			}
		})
	}
}
