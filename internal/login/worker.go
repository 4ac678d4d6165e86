package login

import (
	"context"
	"time"

	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fault"
)

// A program waits for credentials for less time than a user may take to sign in.
// So its call has another process ask the user, the worker, which goes on when
// the call gives up and leaves the credentials in the cache for the next call.

// refusalLife is how long programs' calls do not ask again after a worker got
// nothing, so that a user who has refused is not asked all night. It does not
// stop a login.
const refusalLife = 5 * time.Minute

// RequestViaWorker gets credentials by way of a worker. start starts the worker
// and returns a function that waits for its end. One worker at a time asks for
// an identity: the calls that come meanwhile wait, and share the result.
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
	req.began = r.began // what another call obtained since counts
	if result, err := acquire(ctx, env, req, forProgram); ctx.Err() != nil || fault.KindOf(err) != fault.NeedsInput {
		return result, err // of another call's worker
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

// RunWorker runs the worker: it asks the user and stores the result for waiting and
// later calls.
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

// workerFailure returns the failure of an earlier worker.
func (r resolved) workerFailure() error {
	f, ok := r.env.cache().Failed(r.workerKey(), r.env.Now(), refusalLife)
	if !ok {
		return nil
	}
	return r.env.faultOf(r.Profile, f)
}

// workerKey names the failure of a profile's worker: it may concern the profile
// alone, as a role that STS refuses.
func (r resolved) workerKey() string { return cache.Key(r.env.config(), r.Profile.Name, r.slot) }
