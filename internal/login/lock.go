package login

import (
	"context"
	"path/filepath"
	"time"

	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/securefile"
)

// lockRole serializes renewals for one profile and role.
func (r resolved) lockRole(ctx context.Context) (unlock func(), err error) {
	return r.lock(ctx, "role-"+cache.Key(r.env.config(), r.Profile.Name, r.slot))
}

// lockIdentity serializes sign-ins of one user: two concurrent renewals of a session
// would invalidate it.
func (r resolved) lockIdentity(ctx context.Context) (unlock func(), err error) {
	return r.lock(ctx, "identity-"+r.identity.Key())
}

// lockNotice is the delay before a notice tells the user what o365aws is waiting for.
const lockNotice = 2 * time.Second

// lock waits for a lock file. A home that is not writable has no locks, and concurrent
// calls sign in separately.
func (r resolved) lock(ctx context.Context, key string) (unlock func(), err error) {
	if r.Interactive {
		waiting := time.AfterFunc(
			lockNotice, func() { r.env.Prompter.Notice("Waiting for another o365aws process to sign in ...") },
		)
		defer waiting.Stop()
	}
	unlock, err = securefile.Lock(ctx, filepath.Join(r.env.Paths.Locks(), key+".lock"))
	switch {
	case err == nil:
		return unlock, nil
	case ctx.Err() == nil:
		r.env.Log.Warn("no lock: parallel calls will each sign in", "error", err)
		return func() {}, nil
	case context.Cause(ctx) == context.Canceled:
		return nil, ctx.Err()
	}
	return nil, r.env.interactionRequired(r.Profile, "another o365aws process has not finished signing in")
}
