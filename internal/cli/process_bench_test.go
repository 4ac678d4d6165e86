//go:build linux

package cli_test

import (
	"os/exec"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fakecloud"
)

// The benchmarks run the released program against the emulator, which responds
// immediately. Compare figures only within one run: go test -run '^$' -bench Process
// -benchtime 10x ./internal/cli

// bench runs a command line once per round, with between called before each.
func bench(b *testing.B, s *signedIn, between func(), env []string, args ...string) {
	b.Helper()
	for b.Loop() {
		b.StopTimer()
		if between != nil {
			between()
		}
		cmd := exec.Command(s.program, args...)
		cmd.Env = append(s.env, env...)
		b.StartTimer()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
}

// BenchmarkProcess compares credential-process with cached credentials, a renewal with
// the session, and a login with the browser.
func BenchmarkProcess(b *testing.B) {
	s := newSignedIn(b, "fifty-roles")
	b.Run("Warm", func(b *testing.B) { bench(b, s, nil, nil, "credential-process", "--profile", "p0") })
	b.Run("Renewal", func(b *testing.B) { bench(b, s, s.expireCache, nil, "credential-process", "--profile", "p0") })
	b.Run("HeadlessLogin", func(b *testing.B) {
		bench(
			b, s, s.expireCache, []string{"O365AWS_REMEMBER=none", "O365AWS_PASSWORD=" + fakecloud.Password}, "login",
			"--profile", "p0",
		)
	})
}

// BenchmarkProcessRoles compares one role with fifty, at a response time of 100 ms.
func BenchmarkProcessRoles(b *testing.B) {
	s := newSignedIn(b, "fifty-roles")
	s.state.cloud.Slow(100 * time.Millisecond)
	b.Run("One", func(b *testing.B) { bench(b, s, s.expireCache, nil, "login", "--profile", "p0", "--force") })
	b.Run("Fifty", func(b *testing.B) { bench(b, s, s.expireCache, nil, "login", "--profile", "p0", "--all-roles") })
	b.Run("CommandOnce", func(b *testing.B) { bench(b, s, s.expireCache, nil, "exec", "--profile", "p0", "--", "true") })
	b.Run("CommandForFifty", func(b *testing.B) {
		bench(
			b, s, s.expireCache, nil, "exec", "--profile", "p0", "--role", "*", "--each", "--parallel", "50", "--", "true",
		)
	})
}
