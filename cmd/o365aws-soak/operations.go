package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/fault"
)

// operation is one kind of use or failure.
type operation struct {
	name   string
	weight int
	run    func(context.Context, *soak) error
}

var operations = []operation{
	{"login", 4, login},
	{"renewal", 6, renewal},
	{"warm calls", 6, warmCalls},
	{"clock jumps", 3, clockJumps},
	{"clock is wrong", 2, clockIsWrong},
	{"parallel calls", 3, parallelCalls},
	{"parallel logins", 2, parallelLogins},
	{"kill", 4, kill},
	{"proxy fails", 4, proxyFails},
}

// login runs the login command for a random profile, with --force or without.
func login(ctx context.Context, s *soak) error {
	w := s.inside
	if s.random.IntN(2) == 0 {
		w = s.outside
	}
	name := fmt.Sprintf("p%d", s.random.IntN(profiles))
	args := []string{"login", "--profile", name}
	if s.random.IntN(2) == 0 {
		args = append(args, "--force")
	}
	defer s.maybeRevoke(w)()
	if e := w.run(ctx, args...); e.code != 0 {
		return e.unexpected(args)
	}
	return w.checkStored(name)
}

// maybeRevoke makes Entra reject stored sessions half of the time, so that the next
// sign-in needs a browser. The caller must call restore.
func (s *soak) maybeRevoke(w *world) (restore func()) {
	if s.random.IntN(2) == 0 {
		w.cloud.SetSessions(fakecloud.SessionRevoked)
	}
	return func() { w.cloud.SetSessions(fakecloud.SessionLives) }
}

// renewal advances the clock past the expiry and requests credentials.
func renewal(ctx context.Context, s *soak) error {
	w := s.inside
	w.ahead.Add(int64(time.Hour) + s.random.Int64N(int64(2*time.Hour)))
	_, err := w.process(ctx)
	return err
}

// warmCalls requests cached credentials repeatedly.
func warmCalls(ctx context.Context, s *soak) error {
	for _, w := range []*world{s.inside, s.outside} {
		if _, err := w.process(ctx); err != nil { // may renew
			return err
		}
		first, err := w.process(ctx)
		if err != nil {
			return err
		}
		for range 10 {
			if next, err := w.process(ctx); err != nil || next != first {
				return errors.Join(
					fmt.Errorf("cached credentials were not reused: got key %s after %s", next, first), err,
				)
			}
		}
	}
	return nil
}

// clockJumps advances the clock in steps, as when a laptop wakes up.
func clockJumps(ctx context.Context, s *soak) error {
	for range 5 {
		s.inside.ahead.Add(s.random.Int64N(int64(20 * time.Minute)))
		if _, err := s.inside.process(ctx); err != nil {
			return err
		}
	}
	return nil
}

// clockIsWrong sets the local clock wrong: by minutes, which must make no difference, and
// by a day, which must fail with an error that names the clock.
func clockIsWrong(ctx context.Context, s *soak) error {
	w := s.inside
	defer w.skew.Store(0)
	for _, by := range []time.Duration{3 * time.Minute, -3 * time.Minute} {
		w.skew.Store(int64(by))
		if e := w.run(ctx, "login", "--profile", "p0", "--force"); e.code != 0 {
			return fmt.Errorf("with the clock off by %v: %w", by, e.unexpected([]string{"login"}))
		}
	}
	for _, by := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		w.skew.Store(int64(by))
		if e := w.run(ctx, "login", "--profile", "p0", "--force"); e.code == 0 || e.code == int(fault.Internal) ||
			!strings.Contains(e.stderr, "clock") {
			return fmt.Errorf("with the clock off by %v: %w", by, e.unexpected([]string{"login"}))
		}
	}
	w.skew.Store(0)
	if e := w.run(ctx, "login", "--profile", "p0", "--force"); e.code != 0 {
		return fmt.Errorf("with the clock corrected: %w", e.unexpected([]string{"login"}))
	}
	return nil
}

// callers is the number of concurrent calls.
const callers = 20

// parallelCalls runs many concurrent credential-process calls with an empty cache: one
// signs in, and all return the same credentials.
func parallelCalls(ctx context.Context, s *soak) error {
	w := s.outside
	if err := os.RemoveAll(filepath.Join(w.home, ".aws", "o365aws", "cache")); err != nil {
		return err
	}
	w.cloud.DiscardHistory()
	ids := make([]string, callers)
	errs := make([]error, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() { ids[i], errs[i] = w.process(ctx) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 1 {
		return fmt.Errorf("%d callers got %d different credentials", callers, len(slices.Compact(ids)))
	}
	if n := w.assumed(); n != 1 {
		return fmt.Errorf("%d callers made %d STS calls, want 1", callers, n)
	}
	return nil
}

// parallelLogins writes several profiles concurrently: none may be lost.
func parallelLogins(ctx context.Context, s *soak) error {
	w := s.outside
	defer s.maybeRevoke(w)()
	results := make([]result, profiles)
	var group sync.WaitGroup
	for i := range profiles {
		group.Go(func() { results[i] = w.run(ctx, "login", "--profile", fmt.Sprintf("p%d", i), "--force") })
	}
	group.Wait()
	for i, e := range results {
		if e.code != 0 {
			return e.unexpected([]string{"login", "--profile", fmt.Sprintf("p%d", i)})
		}
		if err := w.checkStored(fmt.Sprintf("p%d", i)); err != nil {
			return err
		}
	}
	return nil
}

// kill kills a login at a random moment. Stored credentials survive, and the
// next login works.
func kill(ctx context.Context, s *soak) error {
	w := s.outside
	if e := w.run(ctx, "login", "--profile", "p1"); e.code != 0 {
		return e.unexpected([]string{"login"})
	}
	after := time.Duration(s.random.Int64N(int64(3 * time.Second)))
	restore := s.maybeRevoke(w)
	w.startAndKill(ctx, after, "login", "--profile", "p2", "--force")
	restore()
	if err := w.checkStored("p1"); err != nil {
		return fmt.Errorf("after a kill at %v: %w", after, err)
	}
	if e := w.run(ctx, "login", "--profile", "p2", "--force"); e.code != 0 {
		return fmt.Errorf("after a kill at %v: %w", after, e.unexpected([]string{"login"}))
	}
	return w.checkStored("p2")
}

// proxyFails breaks the proxy. A login fails with a network error, cached
// credentials are still returned, and stored credentials survive.
func proxyFails(ctx context.Context, s *soak) error {
	w := s.outside
	if e := w.run(ctx, "login", "--profile", "p3"); e.code != 0 {
		return e.unexpected([]string{"login"})
	}
	if _, err := w.process(ctx); err != nil {
		return err
	}
	m := []mode{refuse, hang, truncate}[s.random.IntN(3)]
	w.proxy.set(m)
	_, err := w.process(ctx)
	e := w.run(ctx, "login", "--profile", "p3", "--force")
	w.proxy.set(forward)
	switch {
	case err != nil:
		return fmt.Errorf("in proxy mode %d: %w", m, err)
	case e.code != int(fault.Network):
		return fmt.Errorf("in proxy mode %d: %w", m, e.unexpected([]string{"login", "--force"}))
	}
	return w.checkStored("p3")
}

// unexpected returns an error that describes an unexpected exit.
func (e result) unexpected(args []string) error {
	return fmt.Errorf(
		"o365aws %s: exit code %d: %s", strings.Join(args, " "), e.code,
		strings.ReplaceAll(strings.TrimSpace(e.stderr), "\n", " / "),
	)
}

// process calls credential-process and returns the access key ID.
func (w *world) process(ctx context.Context) (string, error) {
	e := w.run(ctx, "credential-process", "--profile", "process")
	if e.code != 0 {
		return "", e.unexpected([]string{"credential-process"})
	}
	var document struct {
		Version                                   int
		AccessKeyID                               string `json:"AccessKeyId"`
		SecretAccessKey, SessionToken, Expiration string
	}
	if err := json.Unmarshal([]byte(e.stdout), &document); err != nil {
		return "", errors.New("credential-process printed invalid JSON")
	}
	expires, err := time.Parse(time.RFC3339, document.Expiration)
	if err != nil || document.Version != 1 || document.SecretAccessKey == "" || document.SessionToken == "" {
		return "", errors.New("credential-process printed an incomplete document")
	}
	if left := expires.Sub(w.now()); left <= 15*time.Minute {
		return "", fmt.Errorf("credential-process printed credentials with %v left", left)
	}
	return document.AccessKeyID, nil
}

// checkStored checks that the credentials file has valid credentials of a
// profile.
func (w *world) checkStored(profile string) error {
	paths := awsconfig.ResolvePaths(func(name string) string { return w.env[name] }, w.home)
	stored, err := awsconfig.ReadCredentials(paths, profile)
	switch {
	case err != nil:
		return err
	case stored.AccessKeyID == "" || stored.SecretAccessKey.IsZero() || stored.SessionToken.IsZero():
		return fmt.Errorf("credentials of %s are missing", profile)
	case !stored.Expires.After(w.now()):
		return fmt.Errorf("credentials of %s have expired", profile)
	}
	return nil
}

// assumed returns the number of AssumeRoleWithSAML calls since the log was
// cleared.
func (w *world) assumed() int {
	count := 0
	for _, r := range w.cloud.Requests() {
		if r.Action == "AssumeRoleWithSAML" {
			count++
		}
	}
	return count
}
