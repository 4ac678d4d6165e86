package login

import (
	"context"
	"time"

	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fault"
)

// Programs wait for credentials for less time than a user may need to sign in. So a
// program's call starts a separate process, the worker, which prompts the user. If the
// call times out, the worker continues and leaves the credentials in the cache for the
// next call.

// refusalLife is how long programs' calls do not prompt again after a worker failed, so
// that a user who has declined is not prompted repeatedly. It does not affect a login.
const refusalLife = 5 * time.Minute

// RequestViaWorker gets credentials through a worker. start starts the worker and returns
// a function that waits for its end. One worker at a time prompts for an identity:
// concurrent calls wait and share the result.
func RequestViaWorker(
	ctx context.Context, env Env, req Request, start func() (wait func(), err error),
) (Result, error) {
	r, err := resolve(env, req, forProgram)
	if err != nil {
		return Result{}, err
	}
	unlock, err := r.lock(ctx, "asking-"+r.identity.Key())
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	req.began = r.began // accept what another call has obtained since
	if result, err := acquire(ctx, env, req, forProgram); ctx.Err() != nil || fault.KindOf(err) != fault.NeedsInput {
		return result, err // from another call's worker
	}
	if err := r.workerFailure(); err != nil {
		return Result{}, err
	}
	wait, err := start()
	if err != nil {
		return Result{}, fault.Wrap(fault.Internal, err, "cannot start the sign-in")
	}
	ended := make(chan struct{})
	go func() { wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
		why := reason("the sign-in that was started for it has not finished")
		return Result{}, fault.Wrap(fault.NeedsInput, why, interactionMessage(r.Profile)).
			Hint("complete that sign-in; the next call uses its credentials")
	}
	if found := r.lookUp(); found.reusable {
		return r.reuse(ctx, found)
	}
	if err := r.workerFailure(); err != nil {
		return Result{}, err
	}
	return Result{}, r.env.interactionRequired(r.Profile, "the sign-in that was started for it ended without a result")
}

// RunWorker implements the worker: it prompts the user and stores the result for waiting
// and later calls.
func RunWorker(ctx context.Context, env Env, req Request) (Result, error) {
	req.Interactive = true
	r, err := resolve(env, req, forProgram)
	if err != nil {
		return Result{}, err
	}
	result, err := acquire(ctx, env, req, forProgram)
	failure := err
	switch {
	case err == nil:
		if err := env.cache().Forgive(r.workerKey()); err != nil {
			env.Log.Debug("cannot delete an old failure", "error", err)
		}
		return result, nil
	case context.Cause(ctx) == context.Canceled:
		failure = r.env.interactionRequired(r.Profile, "the sign-in that was started for it was interrupted")
	case ctx.Err() != nil:
		failure = r.env.interactionRequired(r.Profile, "the sign-in that was started for it was not completed in time")
	}
	if err := env.cache().Fail(r.workerKey(), env.failureOf(failure)); err != nil {
		env.Log.Debug("failure not stored", "error", err)
	}
	return result, err
}

// workerFailure returns the failure of an earlier worker, if recent.
func (r resolved) workerFailure() error {
	f, ok := r.env.cache().Failed(r.workerKey(), r.env.Now(), refusalLife)
	if !ok {
		return nil
	}
	return r.env.faultOf(r.Profile, f)
}

// workerKey returns the key under which the failure of a profile's worker is stored: it
// may concern only this profile, such as a role that STS refuses.
func (r resolved) workerKey() string { return cache.Key(r.env.config(), r.Profile.Name, r.slot) }
