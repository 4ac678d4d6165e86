package login

import (
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fault"
)

// Warm returns the cached credentials of a profile without reading the config
// file: when they have more than minTTL left, the file is as it was when they
// were got, and no variable overrides what decides about them. False says
// nothing but that the slow way has to look.
func Warm(paths awsconfig.Paths, env awsconfig.Env, profile string, now time.Time, minTTL time.Duration) (Result, bool) {
	if overriddenBy(env) {
		return Result{}, false
	}
	e, ok := cache.In(paths.Home).Get(paths.Config, profile, "")
	if !ok || e.Expires.Sub(now) <= minTTL || e.Obtained.Sub(now) > clockSkew {
		return Result{}, false
	}
	if e.Stamp == (cache.Stamp{}) || e.Stamp != cache.StampOf(paths.Config) {
		return Result{}, false
	}
	return resultOf(e), true
}

// overriddenBy reports whether a variable decides whose credentials these
// are, or sends the role to another partition.
func overriddenBy(env awsconfig.Env) bool {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "O365AWS_REGION"} {
		if region := env(name); strings.HasPrefix(region, "cn-") || strings.HasPrefix(region, "us-gov-") {
			return true
		}
	}
	return slices.ContainsFunc(awsconfig.Settings, func(s awsconfig.Setting) bool {
		return slices.Contains(identitySettings, s.Key) && slices.ContainsFunc(s.Env, func(name string) bool { return env(name) != "" })
	})
}

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
		return Result{}, &fault.Error{Kind: fault.Kind(f.Kind), Msg: f.Message, Hints: f.Hints}
	}
	return Result{}, needsPerson(req.Profile, "the sign-in ended without an answer")
}
