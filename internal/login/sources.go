package login

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/broker"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/saml"
)

// source is one way to get an assertion.
type source struct {
	name string
	// available returns the reason why the source does not apply, or "".
	available func(attempt) (why string)
	// acquire returns a notApplicable error if the source turns out not to apply.
	acquire func(context.Context, attempt) (signInResult, error)
	// reported is true if the reasons that available returns help the user.
	reported bool
}

// sources lists the ways to get an assertion in order of preference: non-interactive ones
// come first.
var sources = []source{
	{"shared by another call", sharedAvailable, acquireShared, false},
	{"stored session over HTTP", sessionAvailable, acquireOverHTTP, true},
	{"stored session in a headless browser", headlessAvailable, acquireHeadless, true},
	{"identity broker of the device", deviceAvailable, acquireByDevice, false},
	{"interactive", interactiveAvailable, acquireInteractive, false},
}

// attempt is one attempt to get an assertion. Sources read it and return a result.
type attempt struct {
	resolved
	network network.Network
	session identity.StoredSession
	unread  error               // why the stored session or its key cannot be read; nil if it can
	renewal *entra.RenewalError // why the session could not be renewed over HTTP; nil if not tried
	device  *device             // authenticates the device in a browser; nil for none
	noProof error               // why sign-in by the device alone failed; nil if there is nothing to report
}

// signInResult is the result of a source.
type signInResult struct {
	Response  saml.Response
	RequestID string        // ID of the SAML request that the response replies to
	Session   entra.Session // zero if there is no new session to store
	shared    bool          // by another call, so there is nothing to store
	by        string        // how the user signed in, as in identity.StoredSession; "" for a renewal
	device    *device       // that signed in, or may continue in a browser
}

// notApplicable is the error of a source that cannot be used this time, so that the next
// one is tried.
type notApplicable struct {
	error
	quiet bool // the reason is of no use to the user
}

// Unwrap returns the reason.
func (e notApplicable) Unwrap() error { return e.error }

// trySources returns the response of the first source that succeeds. If none does, the
// error names the reasons.
func (r resolved) trySources(ctx context.Context, net network.Network) (saml.Response, error) {
	r, unlock, err := r.resolveTenant(ctx, net)
	if err != nil {
		return saml.Response{}, err
	}
	defer unlock()
	t := attempt{resolved: r, network: net}
	defer func() { t.device.close() }()
	t.session, t.unread = r.identity.LoadSession(ctx)
	if t.unread != nil && !errors.Is(t.unread, keychain.ErrNotFound) {
		r.env.Log.Info("cannot read the stored session", "error", t.unread)
	}
	var reasons []string
	for _, s := range sources {
		why, quiet := s.available(t), !s.reported
		if why == "" {
			result, err := s.acquire(ctx, t)
			t.device = cmp.Or(t.device, result.device)
			if err == nil {
				r.env.Trail.Source(s.name, "ok")
				return t.accept(ctx, result), nil
			}
			var skip notApplicable
			if !errors.As(err, &skip) {
				r.env.Trail.Source(s.name, fault.KindOf(err).String())
				return saml.Response{}, err
			}
			why, quiet, t = skip.Error(), skip.quiet, t.after(skip)
		}
		r.env.Trail.Source(s.name, "not available")
		r.env.Log.Info("no sign-in by this source", "source", s.name, "reason", why)
		if !quiet && !slices.Contains(reasons, why) {
			reasons = append(reasons, why)
		}
	}
	return saml.Response{}, r.env.interactionRequired(r.Profile, strings.Join(reasons, "; "))
}

// after returns the attempt for the sources after one that did not apply.
func (t attempt) after(skip notApplicable) attempt {
	var lapsed *entra.RenewalError
	var failed *broker.Error
	switch {
	case errors.As(skip, &failed):
		if !skip.quiet && failed.Reason != broker.NoAccount && failed.Reason != broker.OtherAccount {
			t.noProof = failed
		}
		t.device.close() // an unresponsive broker would delay each page of the browser
		t.device = nil
	case !errors.As(skip, &lapsed):
	case lapsed.Device:
		t.noProof = lapsed
		if lapsed.Dead || lapsed.Ignored {
			t.device.close()
			t.device = nil
		}
	default:
		t.renewal = lapsed
		if lapsed.Dead {
			t.session = identity.StoredSession{}
		}
	}
	return t
}

// accept stores the session of a sign-in and shares its assertion. It stores nothing if
// the user is not the profile's.
func (t attempt) accept(ctx context.Context, result signInResult) saml.Response {
	if result.shared || !isUser(t.Profile, result.Response) {
		return result.Response
	}
	session := t.session
	if result.Session.SignedIn() {
		session.Session = result.Session
	}
	session.Tenant, session.By = result.Response.TenantID, cmp.Or(result.by, session.By)
	session, err := t.identity.SaveSession(ctx, session)
	t.noticeStore(err, session.Session.SignedIn())
	if !endsSoon(result.Response, t.env.Now()) {
		t.identity.Share(identity.Assertion{RequestID: result.RequestID, Response: result.Response.Raw}, session.Key)
	}
	return result.Response
}

// noticeStore shows, once, that a session was not saved, or that it is in the kernel
// keyring because this machine has no keychain.
func (t attempt) noticeStore(err error, signedIn bool) {
	e, p := t.env, t.Profile
	if err != nil {
		e.Log.Info("the session was not saved", "error", err)
	}
	switch {
	case t.use != forLogin || !signedIn || !identity.StoresSessions(p):
	case err != nil && e.firstTime("no-store"):
		e.Prompter.Notice(fmt.Sprintf("The session was not saved, so the next sign-in will prompt again: %v.", err))
		e.Prompter.Notice(
			"Save it in an encrypted file with o365aws_store = file, " +
				"or silence this message with o365aws_remember = none.",
		)
	case err == nil && p.Store == "auto" && e.Stores.Kind(p.Store) == "kernel" && e.firstTime("kernel-store"):
		e.Prompter.Notice(
			"No keychain (Secret Service) is running, so the session is stored in the kernel keyring: until this " +
				"machine restarts, or for three days after its last use.",
		)
		e.Prompter.Notice("To store it in an encrypted file instead, set o365aws_store = file.")
	}
}

// resolveTenant adds the tenant's GUID to a request before it signs in. Calls that
// already had the GUID use a lock of that name, so this takes that lock too. If the
// lookup fails, a later step tries again.
func (r resolved) resolveTenant(ctx context.Context, net network.Network) (resolved, func(), error) {
	if r.Profile.Tenant != "" {
		return r, func() {}, nil
	}
	done := progress.Step(ctx, "Looking up the tenant")
	id, err := r.identity.ResolveTenant(ctx, net.Client, r.cloud)
	done()
	if err != nil {
		r.env.Log.Debug("tenant not known", "error", err)
		return r, func() {}, nil
	}
	r.identity, r.Profile = id, id.Profile
	unlock, err := r.lockIdentity(ctx)
	return r, unlock, err
}

const (
	noSession     = "no session is stored"
	lockedSession = "the stored session is locked with a passphrase"
)

func sharedAvailable(t attempt) string {
	if t.unread != nil {
		return noSession
	}
	return ""
}

// minSharedSession is the minimum remaining time of a shared assertion's session. AWS
// ends the credentials with the session, and the stored session may yield longer ones.
const minSharedSession = 15 * time.Minute

// endsSoon reports whether the session of a response has too little time left to share.
func endsSoon(response saml.Response, now time.Time) bool {
	end := response.SessionNotOnOrAfter
	return !end.IsZero() && end.Sub(now) < minSharedSession
}

// acquireShared returns the assertion of another call. A login accepts only one that was
// shared while it waited: an older one may lack a new role.
func acquireShared(_ context.Context, t attempt) (signInResult, error) {
	var notBefore time.Time
	if t.use == forLogin || t.Force {
		notBefore = t.began
	}
	shared, ok := t.identity.Shared(t.session.Key, notBefore)
	if !ok {
		return signInResult{}, notApplicable{error: errors.New("no assertion is shared"), quiet: true}
	}
	response, _, err := t.parse(shared.Response, shared.RequestID, t.session.Tenant)
	if err != nil {
		err = fmt.Errorf("the shared assertion cannot be used: %w", err)
		return signInResult{}, notApplicable{error: err, quiet: true}
	}
	if endsSoon(response, t.env.Now()) {
		return signInResult{}, notApplicable{
			error: errors.New("the session of the shared assertion ends soon"), quiet: true,
		}
	}
	return signInResult{Response: response, RequestID: shared.RequestID, shared: true}, nil
}

func sessionAvailable(t attempt) string {
	var unavailable *keychain.UnavailableError
	switch {
	case t.session.Session.SignedIn():
		return ""
	case errors.Is(t.unread, keychain.ErrLocked):
		return lockedSession
	case t.unread == nil, errors.Is(t.unread, keychain.ErrNotFound),
		errors.As(t.unread, &unavailable) && unavailable.Absent:
		return noSession
	}
	return "cannot read the stored session: " + t.unread.Error()
}

// acquireOverHTTP renews with the stored session over plain HTTP requests. It deletes a
// session that Microsoft no longer accepts.
func acquireOverHTTP(ctx context.Context, t attempt) (signInResult, error) {
	defer progress.Step(ctx, "Signing in with the saved session")()
	p := t.Profile
	request, address, err := t.samlRequest(t.acs)
	if err != nil {
		return signInResult{}, err
	}
	renewal := entra.Renewal{
		Cloud: t.cloud, LoginHosts: p.LoginHosts, Username: p.Username, Remember: identity.StaysSignedIn(p),
		Client: t.network.Client, Log: t.env.Log, Now: t.env.Now,
	}
	raw, session, err := renewal.Run(ctx, t.session.Session, address)
	var lapsed *entra.RenewalError
	if errors.As(err, &lapsed) {
		if lapsed.Dead {
			t.identity.DeleteSession(ctx)
		}
		return signInResult{}, notApplicable{error: lapsed}
	}
	if err != nil {
		return signInResult{}, err
	}
	response, _, err := t.parse(raw, request.ID, t.session.Tenant)
	return signInResult{Response: response, RequestID: request.ID, Session: session}, err
}

func headlessAvailable(t attempt) string {
	switch {
	case t.renewal == nil:
		return cmp.Or(sessionAvailable(t), noSession)
	case !t.renewal.Browser:
		return t.renewal.Error()
	case t.Interactive:
		return "the user can go on in the browser"
	}
	return ""
}

// acquireHeadless repeats a renewal that failed over plain HTTP in a headless browser,
// with the same cookies. It neither prompts the user nor notifies their phone.
func acquireHeadless(ctx context.Context, t attempt) (signInResult, error) {
	t.env.Prompter = nonInteractive{}
	t.Profile.Browser = "headless"
	result, err := t.inBrowser(ctx, browserStart{session: t.session.Session, silent: true})
	switch {
	case ctx.Err() != nil:
		return signInResult{}, ctx.Err()
	case err != nil && fault.KindOf(err) != fault.Auth:
		t.env.Log.Info("the headless browser could not renew the session either", "error", err)
		return signInResult{}, notApplicable{error: t.renewal}
	}
	return result, err
}

func interactiveAvailable(t attempt) string {
	if !t.Interactive {
		return "the call is not interactive"
	}
	return ""
}

// acquireInteractive prompts the user to sign in.
func acquireInteractive(ctx context.Context, t attempt) (signInResult, error) {
	var start browserStart
	start.device = t.device
	if t.noProof != nil {
		t.env.Prompter.Notice(sentence(t.noProof))
	}
	if errors.Is(t.unread, keychain.ErrLocked) {
		t.env.Prompter.Notice("Sign in again: " + lockedSession + " (O365AWS_STORE_PASSPHRASE).")
	}
	if t.renewal != nil {
		t.env.Prompter.Notice("Sign in again: " + t.renewal.Error() + ".")
		if t.renewal.Browser {
			start.session = t.session.Session
		}
	}
	result, err := t.inBrowser(ctx, start)
	result.by = "browser"
	return result, err
}
