package login

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/network"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/sts"
)

// One is what came of one role of many.
type One struct {
	Role     saml.Role
	Profiles []string // of the config file that now have it; none: the cache has it for --role
	Result   Result
	Err      error
}

// parallelRoles bounds the calls to STS at one time.
const parallelRoles = 50

// RunAll signs in once and assumes every role that is offered. A role goes to
// the profiles of the same person that name it, as Run would put it there; one
// that no profile names is cached for this profile under its ARN. What
// succeeded is kept whatever else failed.
func RunAll(ctx context.Context, d Deps, req Request) ([]One, error) {
	req.Interactive, req.Role = true, ""
	w, err := d.wanted(req, own)
	if err != nil {
		return nil, err
	}
	w.explicit = true
	if err := CheckSTS(ctx, d, w.Profile); err != nil {
		return nil, err
	}
	if w.Profile.RoleARN != "" && w.Profile.CredentialProcess == "" {
		if err := awsconfig.CanWriteCredentials(d.Paths, w.Profile.Name); err != nil {
			return nil, err // as for one role
		}
	}
	unlock, err := d.lock(ctx, w, "identity-"+w.identity)
	if err != nil {
		return nil, err
	}
	net, response, err := d.assertion(ctx, w)
	unlock()
	if err != nil {
		return nil, err
	}
	if err := d.checkPerson(ctx, w.Profile, response); err != nil {
		return nil, err
	}
	if len(response.Roles) == 0 {
		return nil, noRoles()
	}
	d.Ask = &quietly{Prompter: d.Ask}
	targets, err := d.profilesOf(w)
	if err != nil {
		return nil, err
	}
	all := d.assumeAll(ctx, w, net, response)
	return all, d.keepAll(ctx, w, all, targets, response.SessionName)
}

// assumeAll asks STS for every role, many at a time.
func (d Deps) assumeAll(ctx context.Context, w wanted, net network.Network, response saml.Response) []One {
	client := d.sts(net, w.Profile, &lockedMemory{memory: awsconfig.LoadState(d.Paths)})
	all := make([]One, len(response.Roles))
	slots := make(chan struct{}, parallelRoles)
	var group sync.WaitGroup
	for i, role := range ordered(response.Roles, "") {
		all[i].Role = role
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			creds, err := client.Assume(ctx, response.Raw, role, w.Profile.Duration, d.Ask.Notice)
			all[i].Err = net.Clock.Explain(err)
			all[i].Result = Result{
				Role: role, SessionName: response.SessionName, Expires: creds.Expires, Credentials: creds,
			}
		})
	}
	group.Wait()
	return all
}

// profilesOf returns the profiles of the same person, by the ARN they name.
func (d Deps) profilesOf(w wanted) (map[string][]awsconfig.Profile, error) {
	names, err := awsconfig.ProfileNames(d.Paths)
	if err != nil {
		return nil, err
	}
	identity := identityOf(d.known(w.Profile)) // the sign-in may have told the tenant's GUID
	targets := map[string][]awsconfig.Profile{}
	for _, name := range names {
		env := d.Env
		if name != w.Profile.Name {
			env = withoutRole(env)
		}
		p, err := awsconfig.Load(d.Paths, env, name, nil)
		if err != nil || p.RoleARN == "" || identityOf(d.known(p)) != identity || p.AppIDURI != w.Profile.AppIDURI {
			continue // not of this sign-in; a profile that is wrong says so when it is used
		}
		targets[p.RoleARN] = append(targets[p.RoleARN], p)
	}
	return targets, nil
}

// withoutRole is an environment that names no role: a variable that does means
// the profile of the command, and would make every other one name its role.
func withoutRole(env awsconfig.Env) awsconfig.Env {
	return func(name string) string {
		if strings.EqualFold(name, "azure_default_role_arn") {
			return ""
		}
		return env(name)
	}
}

// keepAll puts the credentials where they belong, with one change of the
// credentials file.
func (d Deps) keepAll(
	ctx context.Context, w wanted, all []One, targets map[string][]awsconfig.Profile, sessionName string,
) error {
	file := map[string]awscreds.Credentials{}
	for i := range all {
		one := &all[i]
		if one.Err != nil {
			continue
		}
		creds := one.Result.Credentials
		for _, p := range targets[one.Role.ARN] {
			one.Profiles = append(one.Profiles, p.Name)
			to, err := d.wanted(Request{Profile: p}, own)
			if err != nil {
				return err
			}
			d.put(d.entry(to, one.Role, sessionName, creds))
			if p.CredentialProcess == "" {
				file[p.Name] = creds
			}
		}
		if len(one.Profiles) == 0 {
			apart := w
			apart.asked = one.Role.ARN
			d.put(d.entry(apart, one.Role, sessionName, creds))
		}
	}
	if len(file) == 0 {
		return nil
	}
	return awsconfig.WriteAllCredentials(ctx, d.Paths, file)
}

// byPattern returns the entry of a role that was cached under another name
// than the pattern that asks for it now.
func (d Deps) byPattern(w wanted) (cache.Entry, bool) {
	var entries []cache.Entry
	var roles []saml.Role
	for _, e := range d.cache().All() {
		if e.Asked != "" && e.Config == d.config() && e.Profile == w.Profile.Name && e.Settings == w.settings {
			entries, roles = append(entries, e), append(roles, saml.Role{ARN: e.RoleARN})
		}
	}
	role, err := matchRole(roles, w.asked)
	if err != nil {
		return cache.Entry{}, false
	}
	at := slices.IndexFunc(entries, func(e cache.Entry) bool { return strings.EqualFold(e.RoleARN, role.ARN) })
	return entries[at], true
}

func noRoles() error {
	return fault.New(fault.Role, "Microsoft offers you no AWS role",
		"ask the admin to assign you, or a group that you are a direct member of, a role of the AWS application",
		"roles appear some 40 minutes after the admin created them in AWS")
}

// lockedMemory is a DurationMemory for calls in parallel.
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

// quietly is an Prompter for calls in parallel, which says each thing once.
type quietly struct {
	Prompter
	mu   sync.Mutex
	said map[string]bool
}

// Notice implements Prompter.
func (q *quietly) Notice(text string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.said == nil {
		q.said = map[string]bool{}
	}
	if !q.said[text] {
		q.said[text] = true
		q.Prompter.Notice(text)
	}
}
