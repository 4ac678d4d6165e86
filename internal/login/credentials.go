package login

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/network"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/securefile"
	"github.com/o365aws/o365aws/internal/sts"
)

// Credentials returns credentials of a profile, for programs and commands
// that do not write the credentials file. Fresh ones come from the cache; or
// else one caller at a time gets new ones by the kept session, or asks the
// person if req.Interactive says so, and the others share what comes of it.
// While a renewal fails, credentials that are still valid are returned.
// Without a person to ask, the fault is of kind NeedsInput and names the
// command to run. A role that is asked for is cached apart from the profile's
// own.
func Credentials(ctx context.Context, d Deps, req Request) (Result, error) {
	w, err := d.wanted(req, apart)
	if err != nil {
		return Result{}, err
	}
	renewal, cancel := ctx, func() {}
	if _, ok := d.valid(w); ok && !w.Interactive {
		renewal, cancel = context.WithTimeout(ctx, renewalPatience)
	}
	result, err := d.get(renewal, w)
	cancel()
	if err == nil || req.Force || ctx.Err() != nil && context.Cause(ctx) == context.Canceled {
		return result, err
	}
	if r, ok := d.valid(w); ok {
		d.Log.Info("renewal failed; the credentials at hand are still valid", "error", err, "until", r.Expires)
		return r, nil
	}
	return Result{}, err
}

// renewalPatience is how long a program's call tries to renew credentials that
// have not run out yet. A network that hangs would hold up every call.
const renewalPatience = 15 * time.Second

// valid returns the credentials at hand that have not run out.
func (d Deps) valid(w wanted) (Result, bool) {
	e, ok := d.fits(w)
	return resultOf(e), ok && e.Expires.After(d.Now())
}

// get is one caller's way to credentials: a look, the lock of the profile,
// another look, then the work.
func (d Deps) get(ctx context.Context, w wanted) (Result, error) {
	if !w.Force {
		if r, ok := d.fresh(w); ok {
			return r, nil
		}
		if err := d.sharedFailure(w); err != nil {
			return Result{}, err
		}
	}
	unlock, err := d.lock(ctx, w, "role-"+cache.Key(d.config(), w.Profile.Name, w.asked))
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	if e, ok := d.fits(w); !w.Force || ok && e.Obtained.After(w.began) {
		if r, ok := d.fresh(w); ok {
			return r, nil
		}
	}
	return d.renewOrAsk(ctx, w)
}

// lockNotice is how long a person waits without knowing for what.
const lockNotice = 2 * time.Second

// lock waits for one of the two locks of a call: of the role, then of the
// identity. A home that cannot be written has no locks, and needs none.
func (d Deps) lock(ctx context.Context, w wanted, key string) (func(), error) {
	if w.Interactive {
		waiting := time.AfterFunc(
			lockNotice, func() { d.Ask.Notice("Waiting for another o365aws, which is signing in ...") },
		)
		defer waiting.Stop()
	}
	unlock, err := securefile.Lock(ctx, filepath.Join(d.Paths.Locks(), key+".lock"))
	switch {
	case err == nil:
		return unlock, nil
	case ctx.Err() == nil:
		d.Log.Warn("no lock: parallel calls will each sign in", "error", err)
		return func() {}, nil
	case context.Cause(ctx) == context.Canceled:
		return nil, ctx.Err()
	}
	return nil, needsPerson(w.Profile, "another o365aws is signing in and has not finished")
}

// renewOrAsk gets an assertion under the lock of the identity, and trades it
// for credentials after giving the lock back.
func (d Deps) renewOrAsk(ctx context.Context, w wanted) (Result, error) {
	if err := CheckSTS(ctx, d, w.Profile); err != nil {
		return Result{}, err
	}
	unlock, err := d.lock(ctx, w, "identity-"+w.identity)
	if err != nil {
		return Result{}, err
	}
	net, response, err := d.assertion(ctx, w)
	unlock()
	if err != nil {
		return Result{}, err
	}
	return d.exchange(ctx, w, net, response)
}

// assertion signs in, with or without a person. Its failure is kept for the
// callers that wait.
func (d Deps) assertion(ctx context.Context, w wanted) (network.Network, saml.Response, error) {
	if err := d.sharedFailure(w); err != nil {
		return network.Network{}, saml.Response{}, err
	}
	net, err := network.New(d.Env, w.Profile.CABundle, w.cloud.LoginHost)
	if err != nil {
		return network.Network{}, saml.Response{}, err
	}
	net = net.WatchClock(d.Now, d.Ask.Notice)
	response, err := d.signInAnyWay(ctx, w, net)
	err = net.Clock.Explain(err)
	switch {
	case err == nil:
		err = d.cache().Forgive(w.identity)
		if err != nil {
			d.Log.Debug("an old failure stays", "error", err)
		}
		return net, response, nil
	case ctx.Err() == nil:
		d.fail(w, err)
	}
	return network.Network{}, saml.Response{}, err
}

// needsPerson is the failure of a call that may not ask.
func needsPerson(p awsconfig.Profile, why string) error {
	command := "o365aws login"
	if p.Name != "default" {
		command += " --profile " + p.Name
	}
	return fault.Wrap(fault.NeedsInput, reason(why), personNeeded(p)).Hint("run %s in a terminal", command)
}

func personNeeded(p awsconfig.Profile) string {
	return fmt.Sprintf("profile %s needs a sign-in by a person", p.Name)
}

// reason is why a person is needed. Callers of other profiles share it.
type reason string

func (r reason) Error() string { return string(r) }

// failureLife is how long a failure speaks for callers that come after it.
const failureLife = 10 * time.Second

// sharedFailure returns the failure of another caller: of one that worked
// while this one waited, or of one just before, unless a person tries again.
// That another one had no person to ask is no failure for who has.
func (d Deps) sharedFailure(w wanted) error {
	f, ok := d.cache().Failed(w.identity, d.Now(), failureLife)
	if !ok || w.explicit || w.Interactive && (f.Reason != "" || !f.At.After(w.began)) {
		return nil
	}
	return faultOf(w.Profile, f)
}

// faultOf is the failure of another call as one of the profile.
func faultOf(p awsconfig.Profile, f cache.Failure) error {
	if f.Reason != "" {
		return needsPerson(p, f.Reason)
	}
	return &fault.Error{Kind: fault.Kind(f.Kind), Msg: f.Message, Hints: f.Hints}
}

func (d Deps) fail(w wanted, err error) {
	kind := fault.KindOf(err)
	if kind == fault.Internal || kind == fault.Config {
		return // of this call's own
	}
	if err := d.cache().Fail(w.identity, d.failureOf(err)); err != nil {
		d.Log.Debug("failure not kept", "error", err)
	}
}

// failureOf is an error as it is kept for other calls.
func (d Deps) failureOf(err error) cache.Failure {
	f := cache.Failure{At: d.Now(), Kind: int(fault.KindOf(err)), Message: err.Error()}
	if known := (*fault.Error)(nil); errors.As(err, &known) {
		f.Hints = known.Hints
	}
	if why := reason(""); errors.As(err, &why) {
		f.Reason = string(why)
	}
	return f
}

// exchange turns an assertion into credentials in the cache.
func (d Deps) exchange(ctx context.Context, w wanted, net network.Network, response saml.Response) (Result, error) {
	p := w.Profile
	for _, warning := range response.Warnings {
		d.Ask.Notice(warning)
	}
	if err := d.checkPerson(ctx, p, response); err != nil {
		return Result{}, err
	}
	d.remember(p, response.Roles)
	state := awsconfig.LoadState(d.Paths)
	role, err := d.chooseFor(ctx, w, response.Roles, state.LastRole(p.Name))
	if err != nil {
		return Result{}, err
	}
	creds, err := d.sts(net, p, state).Assume(ctx, response.Raw, role, p.Duration, d.Ask.Notice)
	if chosen := cmp.Or(w.Role, p.RoleARN) == ""; chosen && sts.TooOld(err) {
		w.Role = role.ARN
		return d.again(ctx, w)
	}
	if err != nil {
		return Result{}, net.Clock.Explain(audienceHint(p, err))
	}
	d.put(d.entry(w, role, response.SessionName, creds))
	if w.asked == "" {
		if err := state.RememberRole(p.Name, role.ARN); err != nil {
			d.Log.Debug("choice not remembered", "error", err)
		}
	}
	return Result{Role: role, SessionName: response.SessionName, Expires: creds.Expires, Credentials: creds}, nil
}

// again signs in once more for a person who took longer to choose than AWS
// takes a sign-in for.
func (d Deps) again(ctx context.Context, w wanted) (Result, error) {
	d.Ask.Notice("AWS takes a sign-in for five minutes only, so it is done again.")
	return d.renewOrAsk(ctx, w)
}

// chooseFor takes the role that was asked for, or the profile's. A program's
// call takes the one of the last login rather than ask.
func (d Deps) chooseFor(ctx context.Context, w wanted, roles []saml.Role, last string) (saml.Role, error) {
	pattern := cmp.Or(w.Role, w.Profile.RoleARN)
	if pattern == "" && !w.explicit {
		for _, r := range roles {
			if r.ARN == last {
				return r, nil
			}
		}
	}
	if pattern == "" && len(roles) > 1 && !w.Interactive {
		return saml.Role{}, needsPerson(w.Profile, "it has a choice of roles").(*fault.Error).
			Hint("or set azure_default_role_arn in the profile")
	}
	return chooseRole(ctx, d.Ask, roles, pattern, last)
}

// CheckSTS says whether a profile's settings lead to an endpoint of STS: to be
// asked before a person signs in for it.
func CheckSTS(ctx context.Context, d Deps, p awsconfig.Profile) error {
	return d.sts(network.Network{}, p, nil).Check(ctx)
}

func (d Deps) sts(net network.Network, p awsconfig.Profile, memory sts.DurationMemory) *sts.Client {
	return sts.New(sts.Options{
		Region: p.Region, Endpoint: p.STSEndpoint, HTTP: net.Client, FIPS: p.FIPS, DualStack: p.DualStack, Legacy: p.LegacySTS, Log: d.Log, Memory: memory,
	})
}

func (d Deps) entry(w wanted, role saml.Role, sessionName string, creds awscreds.Credentials) cache.Entry {
	return cache.Entry{
		Profile: w.Profile.Name, Config: d.config(), Asked: w.asked, Stamp: w.stamp, Settings: w.settings,
		RoleARN: role.ARN, Provider: role.Provider, SessionName: sessionName, Obtained: d.Now(), Credentials: creds,
	}
}

// checkPerson asks before credentials of somebody else than the profile's
// user are taken: a tile or a device may have signed in another account.
func (d Deps) checkPerson(ctx context.Context, p awsconfig.Profile, response saml.Response) error {
	if p.Username == "" || isPerson(p, response) {
		return nil
	}
	who := termtext.Printable(cmp.Or(response.SessionName, response.Subject), 100)
	other := fault.Newf(fault.Auth, "Microsoft signed in %s, but the profile is for %s", who, p.Username).
		Hint("check azure_default_username, or sign in in a terminal and confirm")
	yes, err := d.Ask.Confirm(
		ctx, fmt.Sprintf("Microsoft signed in %s, but the profile is for %s. Go on?", who, p.Username),
	)
	if err != nil && fault.KindOf(err) != fault.NeedsInput {
		return err
	}
	if err != nil || !yes {
		return other
	}
	return nil
}

func isPerson(p awsconfig.Profile, response saml.Response) bool {
	return strings.EqualFold(p.Username, response.Subject) || strings.EqualFold(p.Username, response.SessionName)
}
