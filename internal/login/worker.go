package login

import (
	"context"
	"time"

	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fault"
)

// A program waits less long for credentials than a person may take to sign in.
// So its call has another process ask the person, the worker, which goes on
// when the call gives up: what comes of it is in the cache for the next call.

// refusalLife is how long programs' calls do not ask again after a worker got
// nothing: who has refused once is not asked all night. A person who runs a
// login is not held up by it.
const refusalLife = 5 * time.Minute

// ByWorker gets credentials by way of a worker, which start starts; it returns
// what waits for the worker's end. One worker at a time asks for an identity:
// the calls that come meanwhile wait, and share what comes of it.
func ByWorker(ctx context.Context, d Deps, req Request, start func() (wait func(), err error)) (Result, error) {
	w, err := d.wanted(req, apart)
	if err != nil {
		return Result{}, err
	}
	unlock, err := d.lock(ctx, w, "asking-"+w.identity)
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	if r, err := d.get(ctx, w); ctx.Err() != nil || fault.KindOf(err) != fault.NeedsInput {
		return r, err // of another call's worker
	}
	if err := d.refused(w); err != nil {
		return Result{}, err
	}
	wait, err := start()
	if err != nil {
		return Result{}, fault.Wrap(fault.Internal, err, "the sign-in could not be started")
	}
	ended := make(chan struct{})
	go func() { wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
		return Result{}, fault.Wrap(fault.NeedsInput, reason("the one that was begun for it is not finished yet"), personNeeded(w.Profile)).
			Hint("finish it, and the next call finds the credentials")
	}
	if r, ok := d.fresh(w); ok {
		return r, nil
	}
	if err := d.refused(w); err != nil {
		return Result{}, err
	}
	return Result{}, needsPerson(w.Profile, "the one that was begun for it ended without an answer")
}

// AsWorker is the worker: it asks the person, and leaves what came of it to
// the calls that wait and to those that come.
func AsWorker(ctx context.Context, d Deps, req Request) (Result, error) {
	req.Interactive = true
	w, err := d.wanted(req, apart)
	if err != nil {
		return Result{}, err
	}
	result, err := Credentials(ctx, d, req)
	failure := err
	switch {
	case err == nil:
		if err := d.cache().Forgive(d.refusalKey(w)); err != nil {
			d.Log.Debug("an old failure stays", "error", err)
		}
		return result, nil
	case context.Cause(ctx) == context.Canceled:
		failure = needsPerson(w.Profile, "the one that was begun for it was broken off")
	case ctx.Err() != nil:
		failure = needsPerson(w.Profile, "nobody finished the one that was begun for it")
	}
	if err := d.cache().Fail(d.refusalKey(w), d.failureOf(failure)); err != nil {
		d.Log.Debug("failure not kept", "error", err)
	}
	return result, err
}

// refused returns the failure of a worker.
func (d Deps) refused(w wanted) error {
	f, ok := d.cache().Failed(d.refusalKey(w), d.Now(), refusalLife)
	if !ok {
		return nil
	}
	return faultOf(w.Profile, f)
}

// refusalKey names the failure of a profile's worker: it may be of the profile
// alone, as a role that STS refuses.
func (d Deps) refusalKey(w wanted) string { return cache.Key(d.config(), w.Profile.Name, w.asked) }
