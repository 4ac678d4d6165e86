package login

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/sts"
)

// RoleResult is the result for one of several roles.
type RoleResult struct {
	Role     saml.Role
	Profiles []string // profiles in the config file that now have it; if none, it is cached for --role
	Result   Result
	Err      error
}

// parallelRoles limits concurrent calls to STS.
const parallelRoles = 50

// RunAll signs in once and assumes every offered role. The credentials of a role go to
// the profiles of the same user that name it, as Run would store them; a role that no
// profile names is cached for this profile under its ARN. It stores the roles that
// succeeded even if others failed.
func RunAll(ctx context.Context, env Env, req Request) ([]RoleResult, error) {
	req.Interactive, req.Role = true, ""
	r, err := resolve(env, req, forLogin)
	if err != nil {
		return nil, err
	}
	if err := CheckSTS(ctx, env, r.Profile); err != nil {
		return nil, err
	}
	if r.Profile.RoleARN != "" && r.writesFile() {
		if err := awsconfig.CanWriteCredentials(env.Paths, r.Profile.Name); err != nil {
			return nil, err // as for a single role
		}
	}
	a, err := r.assertion(ctx)
	if err != nil {
		return nil, err
	}
	if len(a.Roles) == 0 {
		return nil, noRoles()
	}
	targets, err := r.profilesByRole()
	if err != nil {
		return nil, err
	}
	all := r.assumeAll(ctx, a)
	return all, r.storeAll(ctx, all, targets)
}

// RunEach signs in once, with the stored session if there is one, and returns credentials
// of every role that the request matches, from the cache or concurrently from AWS STS.
func RunEach(ctx context.Context, env Env, req Request) ([]RoleResult, error) {
	r, err := resolve(env, req, forProgram)
	if err != nil {
		return nil, err
	}
	if err := CheckSTS(ctx, env, r.Profile); err != nil {
		return nil, err
	}
	a, err := r.assertion(ctx)
	if err != nil {
		return nil, err
	}
	roles, err := matchRoles(a.Roles, req.Role, awsconfig.AccountNames(env.Paths))
	if err != nil {
		return nil, err
	}
	var all []RoleResult
	a.Roles = nil
	for _, role := range ordered(roles) {
		one := r
		one.Role, one.slot = role.ARN, r.slotOf(role.ARN)
		e, ok := env.cache().Get(env.config(), r.Profile.Name, one.slot)
		if ok && !r.Force && one.matches(e) && e.Expires.Sub(env.Now()) > r.MinTTL {
			all = append(all, RoleResult{Role: role, Result: resultOf(e)})
		} else {
			a.Roles = append(a.Roles, role)
		}
	}
	for _, assumed := range r.assumeAll(ctx, a) {
		if assumed.Err == nil {
			one := r
			one.slot = r.slotOf(assumed.Role.ARN)
			env.put(one.entry(assumed.Result))
		}
		all = append(all, assumed)
	}
	slices.SortStableFunc(all, func(a, b RoleResult) int { return strings.Compare(fullName(a.Role), fullName(b.Role)) })
	return all, nil
}

// assumeAll assumes every role concurrently.
func (r resolved) assumeAll(ctx context.Context, a assertion) []RoleResult {
	defer progress.Step(ctx, requestingCredentials)()
	client := r.stsClient(a, &lockedMemory{memory: r.state})
	notice := once(r.env.Prompter.Notice)
	all := make([]RoleResult, len(a.Roles))
	var group errgroup.Group
	group.SetLimit(parallelRoles)
	for i, role := range ordered(a.Roles) {
		group.Go(func() error {
			creds, err := client.Assume(ctx, a.Raw, role, r.Profile.Duration, notice)
			all[i] = RoleResult{
				Role: role, Err: a.network.Clock.Explain(err),
				Result: Result{
					Role: role, SessionName: sessionName(a, creds), Policies: r.narrowing, Credentials: creds,
				},
			}
			return nil // continue with the others
		})
	}
	_ = group.Wait() // never returns an error
	return all
}

// once returns a function, safe for concurrent use, that shows each text once.
func once(show func(string)) func(string) {
	var mu sync.Mutex
	shown := map[string]bool{}
	return func(text string) {
		mu.Lock()
		defer mu.Unlock()
		if !shown[text] {
			shown[text] = true
			show(text)
		}
	}
}

// profilesByRole returns the profiles of the same user by the role that they name.
func (r resolved) profilesByRole() (map[string][]awsconfig.Profile, error) {
	names, err := awsconfig.ProfileNames(r.env.Paths)
	if err != nil {
		return nil, err
	}
	key := r.env.Identity(r.Profile).Key() // the sign-in may have looked up the tenant's GUID
	targets := map[string][]awsconfig.Profile{}
	for _, name := range names {
		getenv := r.env.Getenv
		if name != r.Profile.Name {
			getenv = WithoutRole(getenv)
		}
		p, err := awsconfig.Load(r.env.Paths, getenv, name, nil)
		if err != nil || p.RoleARN == "" || r.env.Identity(p).Key() != key || p.AppIDURI != r.Profile.AppIDURI {
			continue // of another sign-in; an invalid profile is reported when it is used
		}
		targets[p.RoleARN] = append(targets[p.RoleARN], p)
	}
	return targets, nil
}

// WithoutRole returns an environment that names no role. Such a variable is meant for the
// profile of the command, and would override the role of every other profile.
func WithoutRole(getenv awsconfig.Env) awsconfig.Env {
	return func(name string) string {
		if strings.EqualFold(name, "azure_default_role_arn") {
			return ""
		}
		return getenv(name)
	}
}

// storeAll stores the credentials of every role where they belong, and changes the
// credentials file once.
func (r resolved) storeAll(ctx context.Context, all []RoleResult, targets map[string][]awsconfig.Profile) error {
	file := map[string]awscreds.Credentials{}
	for i := range all {
		one := &all[i]
		if one.Err != nil {
			continue
		}
		for _, p := range targets[one.Role.ARN] {
			to, err := resolve(r.env, Request{Profile: p, Policies: r.Policies}, forLogin)
			if err != nil {
				return err
			}
			if to.narrowing != one.Result.Policies {
				continue // the profile has other session policies
			}
			one.Profiles = append(one.Profiles, p.Name)
			r.env.put(to.entry(one.Result))
			if to.writesFile() {
				file[p.Name] = one.Result.Credentials
			}
		}
		if len(one.Profiles) == 0 {
			separate := r
			separate.slot = r.slotOf(one.Role.ARN)
			r.env.put(separate.entry(one.Result))
		}
	}
	if len(file) == 0 {
		return nil
	}
	return awsconfig.WriteAllCredentials(ctx, r.env.Paths, file)
}

// lockedMemory is a DurationMemory for concurrent calls.
type lockedMemory struct {
	mu     sync.Mutex
	memory sts.DurationMemory
}

// Longest implements sts.DurationMemory.
func (m *lockedMemory) Longest(roleARN string) (time.Duration, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.memory.Longest(roleARN)
}

// Remember implements sts.DurationMemory.
func (m *lockedMemory) Remember(roleARN string, d time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.memory.Remember(roleARN, d)
}
