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

// operation is one kind of thing that happens in a day.
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

// login signs in to one of the profiles, anew or not, in one of the worlds.
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
	defer s.sometimesByBrowser(w)()
	if e := w.run(ctx, args...); e.code != 0 {
		return e.unexpected(args)
	}
	return w.holds(name)
}

// sometimesByBrowser has Microsoft take no kept session for a while, so that a
// sign-in needs the browser again.
func (s *soak) sometimesByBrowser(w *world) (over func()) {
	if s.random.IntN(2) == 0 {
		w.cloud.SetSessions(fakecloud.SessionRevoked)
	}
	return func() { w.cloud.SetSessions(fakecloud.SessionLives) }
}

// renewal lets credentials run out and has a program ask for new ones.
func renewal(ctx context.Context, s *soak) error {
	w := s.inside
	w.ahead.Add(int64(time.Hour) + s.random.Int64N(int64(2*time.Hour)))
	_, err := w.process(ctx)
	return err
}

// warmCalls asks again and again for what is there.
func warmCalls(ctx context.Context, s *soak) error {
	for _, w := range []*world{s.inside, s.outside} {
		if _, err := w.process(ctx); err != nil { // which may renew
			return err
		}
		first, err := w.process(ctx)
		if err != nil {
			return err
		}
		for range 10 {
			if next, err := w.process(ctx); err != nil || next != first {
				return errors.Join(
					fmt.Errorf("fresh credentials were not handed out again: %s, then %s", first, next), err,
				)
			}
		}
	}
	return nil
}

// clockJumps moves time by a little, at once, as a laptop that wakes up does.
func clockJumps(ctx context.Context, s *soak) error {
	for range 5 {
		s.inside.ahead.Add(s.random.Int64N(int64(20 * time.Minute)))
		if _, err := s.inside.process(ctx); err != nil {
			return err
		}
	}
	return nil
}

// clockIsWrong sets our clock apart from everybody else's: by a little, which
// must not matter, and by a day, which must end in words.
func clockIsWrong(ctx context.Context, s *soak) error {
	w := s.inside
	defer w.skew.Store(0)
	for _, by := range []time.Duration{3 * time.Minute, -3 * time.Minute} {
		w.skew.Store(int64(by))
		if e := w.run(ctx, "login", "--profile", "p0", "--force"); e.code != 0 {
			return fmt.Errorf("clock wrong by %v: %w", by, e.unexpected([]string{"login"}))
		}
	}
	for _, by := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		w.skew.Store(int64(by))
		if e := w.run(ctx, "login", "--profile", "p0", "--force"); e.code == 0 || e.code == int(fault.Internal) ||
			!strings.Contains(e.stderr, "clock") {
			return fmt.Errorf("clock wrong by %v: %w", by, e.unexpected([]string{"login"}))
		}
	}
	w.skew.Store(0)
	if e := w.run(ctx, "login", "--profile", "p0", "--force"); e.code != 0 {
		return fmt.Errorf("clock right again: %w", e.unexpected([]string{"login"}))
	}
	return nil
}

// callers is how many programs ask at once.
const callers = 20

// parallelCalls has many programs find that nothing is there: one of them
// signs in, and all get the same.
func parallelCalls(ctx context.Context, s *soak) error {
	w := s.outside
	if err := os.RemoveAll(filepath.Join(w.home, ".aws", "o365aws", "cache")); err != nil {
		return err
	}
	w.cloud.Forget()
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
		return fmt.Errorf("%d callers went to STS %d times", callers, n)
	}
	return nil
}

// parallelLogins has several profiles written at once: none may be lost.
func parallelLogins(ctx context.Context, s *soak) error {
	w := s.outside
	defer s.sometimesByBrowser(w)()
	results := make([]ended, profiles)
	var group sync.WaitGroup
	for i := range profiles {
		group.Go(func() { results[i] = w.run(ctx, "login", "--profile", fmt.Sprintf("p%d", i), "--force") })
	}
	group.Wait()
	for i, e := range results {
		if e.code != 0 {
			return e.unexpected([]string{"login", "--profile", fmt.Sprintf("p%d", i)})
		}
		if err := w.holds(fmt.Sprintf("p%d", i)); err != nil {
			return err
		}
	}
	return nil
}

// kill ends a login at any moment. What was there before it is there after it,
// but for a session that Microsoft had just refused: the next login, which
// works, brings a new one.
func kill(ctx context.Context, s *soak) error {
	w := s.outside
	if e := w.run(ctx, "login", "--profile", "p1"); e.code != 0 {
		return e.unexpected([]string{"login"})
	}
	after := time.Duration(s.random.Int64N(int64(3 * time.Second)))
	over := s.sometimesByBrowser(w)
	w.startAndKill(ctx, after, "login", "--profile", "p2", "--force")
	over()
	if err := w.holds("p1"); err != nil {
		return fmt.Errorf("after a kill at %v: %w", after, err)
	}
	if e := w.run(ctx, "login", "--profile", "p2", "--force"); e.code != 0 {
		return fmt.Errorf("after a kill at %v: %w", after, e.unexpected([]string{"login"}))
	}
	return w.holds("p2")
}

// proxyFails takes the network away. A login says so; fresh credentials are
// handed out all the same; nothing that is held is lost.
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
	return w.holds("p3")
}

// unexpected says how a command line ended that should not have.
func (e ended) unexpected(args []string) error {
	return fmt.Errorf(
		"o365aws %s: exit code %d: %s", strings.Join(args, " "), e.code,
		strings.ReplaceAll(strings.TrimSpace(e.stderr), "\n", " / "),
	)
}

// process asks as the AWS tools do, and returns the id of the key.
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
		return "", errors.New("credential-process printed what is no JSON")
	}
	expires, err := time.Parse(time.RFC3339, document.Expiration)
	if err != nil || document.Version != 1 || document.SecretAccessKey == "" || document.SessionToken == "" {
		return "", errors.New("credential-process printed half a document")
	}
	if left := expires.Sub(w.now()); left <= 15*time.Minute {
		return "", fmt.Errorf("credential-process printed credentials with %v left", left)
	}
	return document.AccessKeyID, nil
}

// holds makes sure that the credentials file holds a profile.
func (w *world) holds(profile string) error {
	paths := awsconfig.ResolvePaths(func(name string) string { return w.env[name] }, w.home)
	held, err := awsconfig.ReadCredentials(paths, profile)
	switch {
	case err != nil:
		return err
	case held.AccessKeyID == "" || held.SecretAccessKey.IsZero() || held.SessionToken.IsZero():
		return fmt.Errorf("the credentials of %s are lost", profile)
	case !held.Expires.After(w.now()):
		return fmt.Errorf("the credentials of %s have run out", profile)
	}
	return nil
}

// assumed is how often STS was asked for credentials since Forget.
func (w *world) assumed() int {
	count := 0
	for _, r := range w.cloud.Requests() {
		if r.Action == "AssumeRoleWithSAML" {
			count++
		}
	}
	return count
}
