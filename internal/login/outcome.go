package login

import (
	"time"
)

// Outcome returns what another process, begun after a time, got for a
// request: credentials, or its failure.
func Outcome(d Deps, req Request, since time.Time) (Result, error) {
	w, err := d.wanted(req, apart)
	if err != nil {
		return Result{}, err
	}
	w.began = since
	if r, ok := d.fresh(w); ok {
		return r, nil
	}
	if f, ok := d.cache().Failed(w.identity, d.Now(), d.Now().Sub(since)+time.Second); ok && f.At.After(since) {
		return Result{}, failureOf(req.Profile, f)
	}
	return Result{}, needsPerson(req.Profile, "the sign-in ended without an answer")
}
