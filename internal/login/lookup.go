package login

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/saml"
)

// clockSkew is the tolerated error of this machine's clock.
const clockSkew = 5 * time.Minute

// longest is the longest session that STS grants.
const longest = 12 * time.Hour

// stored holds the credentials for a request in the cache and in the credentials file.
type stored struct {
	entry    cache.Entry // zero if the cache has no credentials for the request
	inFile   Result      // zero if the credentials file has none
	result   Result      // the credentials to reuse
	reusable bool        // result needs no renewal
}

// lookUp reads the cache and the credentials file. It writes nothing.
func (r resolved) lookUp() stored {
	if r.Private {
		return stored{}
	}
	own, hasOwn := r.env.cache().Get(r.env.config(), r.Profile.Name, "")
	entry, ok := own, hasOwn
	if r.slot != "" {
		if entry, ok = r.env.cache().Get(r.env.config(), r.Profile.Name, r.slot); !ok && r.Role != "" && r.Chain.RoleARN == "" {
			entry, ok = r.byPattern()
		}
	}
	var s stored
	if ok && r.matches(entry) {
		s.entry = entry
	}
	if r.Profile.CredentialProcess == "" && r.Role == "" && r.Chain.RoleARN == "" {
		s.inFile = r.fromFile(own)
	}
	now := r.env.Now()
	switch {
	case s.entry.AccessKeyID != "" && (s.entry.Expires.Sub(now) > r.MinTTL || s.entry.Obtained.After(r.began)):
		s.result, s.reusable = resultOf(s.entry), true
	case s.inFile.AccessKeyID == "", s.inFile.Expires.Sub(now) <= r.MinTTL:
	case own.AccessKeyID == s.inFile.AccessKeyID && own.Settings != r.settings: // obtained before a profile change
	case !r.narrowedAlike(s.inFile.Policies):
	default:
		s.result, s.reusable = s.inFile, true
	}
	r.env.Log.Debug("looked for cached credentials", "profile", r.Profile.Name, "reusable", s.reusable)
	return s
}

// matches reports whether a cache entry has credentials for the request, expired or not.
// An entry from the future does not match: the clock was set back.
func (r resolved) matches(e cache.Entry) bool {
	if e.Settings != r.settings || !r.narrowedAlike(e.Policies) || e.Obtained.Sub(r.env.Now()) > clockSkew ||
		r.endsTooLate(e.Credentials) {
		return false
	}
	if r.Role == "" || r.slot != "" {
		return true
	}
	_, err := matchRole([]saml.Role{{ARN: e.RoleARN}}, r.Role, awsconfig.AccountNames(r.env.Paths))
	return err == nil
}

// narrowedAlike reports whether a session with these policies satisfies the request.
// Credentials of unknown origin count as having no session policies.
func (r resolved) narrowedAlike(policies string) bool {
	return r.AnyPolicies || policies == r.narrowing
}

// endsTooLate reports whether credentials appear to last longer than STS allows. The
// clock was then set back after they were obtained, so their expiration cannot be
// trusted.
func (r resolved) endsTooLate(c awscreds.Credentials) bool {
	return c.Expires.Sub(r.env.Now()) > longest+clockSkew
}

// fromFile returns the profile's credentials in the credentials file. own is the entry of
// the profile's slot, which has more details about the same credentials.
func (r resolved) fromFile(own cache.Entry) Result {
	creds, err := awsconfig.ReadCredentials(r.env.Paths, r.Profile.Name)
	switch {
	case err != nil, creds.AccessKeyID == "", r.endsTooLate(creds):
		return Result{}
	case own.AccessKeyID == creds.AccessKeyID:
		result := resultOf(own)
		result.Expires = creds.Expires
		return result
	}
	role := saml.Role{ARN: cmp.Or(r.state.LastRole(r.Profile.Name), r.Profile.RoleARN)}
	return Result{Cached: true, Role: role, Credentials: creds}
}

// byPattern returns the cached entry of a role that the request names by another pattern
// than the call that stored it.
func (r resolved) byPattern() (cache.Entry, bool) {
	var entries []cache.Entry
	var roles []saml.Role
	for _, e := range r.env.cache().All() {
		if e.Asked != "" && e.Provider != "" && e.Config == r.env.config() && e.Profile == r.Profile.Name && r.matches(e) {
			entries, roles = append(entries, e), append(roles, saml.Role{ARN: e.RoleARN})
		}
	}
	role, err := matchRole(roles, r.Role, awsconfig.AccountNames(r.env.Paths))
	if err != nil {
		return cache.Entry{}, false
	}
	at := slices.IndexFunc(entries, func(e cache.Entry) bool { return strings.EqualFold(e.RoleARN, role.ARN) })
	return entries[at], true
}

// valid reports whether the cache has credentials that have not expired.
func (r resolved) valid(s stored) bool { return s.entry.Expires.After(r.env.Now()) }

func resultOf(e cache.Entry) Result {
	return Result{
		Cached: true, Role: saml.Role{ARN: e.RoleARN, Provider: e.Provider}, SessionName: e.SessionName,
		Policies: e.Policies, Credentials: e.Credentials,
	}
}

// reuse returns credentials that need no renewal. If the config file has changed without
// affecting them, it updates the stamp of the entry.
func (r resolved) reuse(ctx context.Context, s stored) (Result, error) {
	if s.entry.AccessKeyID == s.result.AccessKeyID && s.entry.Stamp != r.stamp && s.entry.Policies == r.narrowing {
		s.entry.Stamp = r.stamp
		r.env.put(s.entry)
	}
	return r.writeFile(ctx, s.result)
}

// store puts new credentials into the cache and, for a login, into the credentials file.
func (r resolved) store(ctx context.Context, result Result) (Result, error) {
	if r.Private {
		return result, nil
	}
	r.env.put(r.entry(result))
	if r.Interactive {
		if err := r.state.CountUse(result.Role.ARN, r.env.Now()); err != nil {
			r.env.Log.Debug("use of the role not counted", "error", err)
		}
	}
	if r.slot == "" {
		if err := r.state.RememberRole(r.Profile.Name, result.Role.ARN); err != nil {
			r.env.Log.Debug("role not remembered", "error", err)
		}
	}
	return r.writeFile(ctx, result)
}

func (r resolved) entry(result Result) cache.Entry {
	return cache.Entry{
		Profile: r.Profile.Name, Config: r.env.config(), Asked: r.slot, Stamp: r.stamp, Settings: r.settings,
		RoleARN: result.Role.ARN, Provider: result.Role.Provider, SessionName: result.SessionName,
		Policies: result.Policies, Obtained: r.env.Now(), Credentials: result.Credentials,
	}
}

// put stores an entry. It ignores errors such as a full disk or a read-only home: the
// next call signs in again.
func (e Env) put(entry cache.Entry) {
	if err := e.cache().Put(entry); err != nil {
		e.Log.Warn("credentials could not be cached for the next call", "error", err)
	}
}

// writeFile writes credentials to the credentials file if they belong there and differ
// from its content.
func (r resolved) writeFile(ctx context.Context, result Result) (Result, error) {
	if !r.writesFile() {
		return result, nil
	}
	present, err := awsconfig.ReadCredentials(r.env.Paths, r.Profile.Name)
	if err != nil {
		return Result{}, err
	}
	if present.AccessKeyID == result.AccessKeyID &&
		present.Expires.Equal(result.Expires.Truncate(time.Millisecond)) {
		return result, nil
	}
	result.Cached = false
	return result, awsconfig.WriteCredentials(ctx, r.env.Paths, r.Profile.Name, result.Credentials)
}

// Peek returns the credentials of a profile from the cache or the credentials file,
// whichever expire later, without locking or using the network. They may have expired;
// false means that there are none.
func Peek(env Env, p awsconfig.Profile) (Result, bool) {
	r, err := resolve(env, Request{Profile: p, AnyPolicies: true}, forLogin)
	if err != nil {
		return Result{}, false
	}
	s := r.lookUp()
	best := Result{}
	if s.entry.AccessKeyID != "" {
		best = resultOf(s.entry)
	}
	if s.inFile.Expires.After(best.Expires) {
		best = s.inFile
	}
	return best, best.Cached
}
