package login

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/report"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/sts"
	"github.com/o365aws/o365aws/internal/termtext"
)

// acquire returns credentials for a request. Every command that needs credentials goes
// through it; roles, configure and --all-roles use its steps.
func acquire(ctx context.Context, env Env, req Request, use purpose) (Result, error) {
	r, err := resolve(env, req, use)
	if err != nil {
		return Result{}, err
	}

	found := r.lookUp()
	if found.reusable && !r.Force {
		return r.reuse(ctx, found)
	}
	ctx, cancel := r.limitRenewal(ctx, found)
	defer cancel()
	if err := r.precheck(ctx); err != nil {
		return r.fallBack(ctx, found, err)
	}

	unlock, err := r.lockRole(ctx)
	if err != nil {
		return r.fallBack(ctx, found, err)
	}
	defer unlock()
	found = r.lookUp() // another process may have renewed while this one waited
	if found.reusable && (!r.Force || found.entry.Obtained.After(r.began)) {
		return r.reuse(ctx, found)
	}

	a, err := r.assertion(ctx)
	if err != nil {
		return r.fallBack(ctx, found, err)
	}
	role, err := r.selectRole(ctx, a.Roles)
	if err != nil {
		return r.fallBack(ctx, found, err)
	}
	result, err := r.assumeRole(ctx, a, role)
	if err != nil {
		return r.fallBack(ctx, found, err)
	}
	return r.store(ctx, result)
}

// renewalPatience limits how long a program's call tries to renew credentials that have
// not expired. Otherwise an unresponsive network would block every call.
const renewalPatience = 15 * time.Second

// limitRenewal sets a deadline for the renewal of credentials that have not expired.
func (r resolved) limitRenewal(ctx context.Context, found stored) (context.Context, context.CancelFunc) {
	if r.Interactive || !r.valid(found) {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, renewalPatience)
}

// precheck returns errors that can be detected before a sign-in: a recent failure of
// another call, settings without an STS endpoint, a credentials file that is not
// writable, and a role that the last sign-in did not offer.
func (r resolved) precheck(ctx context.Context) error {
	if r.writesFile() {
		if err := awsconfig.CanWriteCredentials(r.env.Paths, r.Profile.Name); err != nil {
			return err
		}
	}
	if err := r.sharedFailure(); err != nil {
		return err
	}
	if err := CheckSTS(ctx, r.env, r.Profile); err != nil {
		return err
	}
	return r.confirmUnknownRole(ctx)
}

// fallBack returns cached credentials that have not expired instead of an error. A login
// still returns the error, because the user asked for new credentials.
func (r resolved) fallBack(ctx context.Context, found stored, err error) (Result, error) {
	interrupted := ctx.Err() != nil && context.Cause(ctx) == context.Canceled
	if r.use == forLogin || interrupted || !r.valid(found) {
		return Result{}, err
	}
	r.env.Log.Info("renewal failed; the cached credentials are still valid", "error", err, "until", found.entry.Expires)
	return resultOf(found.entry), nil
}

// assertion is a validated SAML response and the network through which it was received.
type assertion struct {
	saml.Response
	network network.Network
}

// assertion signs in while holding the lock of the identity and checks the signed-in
// user. A failure is stored for the calls that wait.
func (r resolved) assertion(ctx context.Context) (assertion, error) {
	unlock, err := r.lockIdentity(ctx)
	if err != nil {
		return assertion{}, err
	}
	a, err := r.signInBatch(ctx)
	unlock()
	if err != nil {
		return assertion{}, err
	}
	for _, warning := range a.Warnings {
		r.env.Prompter.Notice(warning)
	}
	if a.Encrypted {
		a.Roles, err = r.rolesOfEncrypted()
		return a, err
	}
	if err := checkUser(ctx, r.env.Prompter, r.Profile, a.Response); err != nil {
		return assertion{}, err
	}
	r.env.rememberOffered(r.Profile, a.Roles)
	return a, nil
}

// signIn returns the assertion of the first source that has one.
func (r resolved) signIn(ctx context.Context) (assertion, error) {
	if err := r.sharedFailure(); err != nil { // of a call that held the lock
		return assertion{}, err
	}
	p := r.Profile
	r.env.Trail.Begin(report.SignIn{
		Cloud: r.cloud.Name, Store: r.Interactive, Off: p.Trail == "none",
		Private: append([]string{p.Name, p.Username, p.TenantID, p.Tenant, p.RoleARN}, p.LoginHosts...),
	})
	net, err := network.New(r.env.Getenv, r.Profile.CABundle, r.cloud.LoginHost)
	if err != nil {
		return assertion{}, err
	}
	net = net.WatchClock(r.env.Now, r.env.Prompter.Notice)
	response, err := r.trySources(ctx, net)
	if err != nil {
		err = r.replyURLHint(net.Clock.Explain(err))
		if ctx.Err() == nil {
			r.recordFailure(err)
		}
		return assertion{}, err
	}
	if err := r.identity.ClearFailure(); err != nil {
		r.env.Log.Debug("cannot delete an old failure", "error", err)
	}
	return assertion{response, net}, nil
}

// replyURLHint adds a hint to the error for an application without the reply URL of the
// request.
func (r resolved) replyURLHint(err error) error {
	if !strings.Contains(err.Error(), "AADSTS50011") || r.Profile.Browser == "system" {
		return err
	}
	return fault.AddHint(
		err, "if the application has another reply URL of AWS than %s, set o365aws_acs_url to it, e.g. %s", r.acs,
		"https://"+cmp.Or(r.Profile.Region, "eu-central-1")+".signin.aws.amazon.com/saml",
	)
}

// checkUser asks for confirmation before it accepts credentials of a user other than the
// profile's: an account tile or the device may have signed in another account.
func checkUser(ctx context.Context, prompter Prompter, p awsconfig.Profile, response saml.Response) error {
	if isUser(p, response) {
		return nil
	}
	user := termtext.Printable(cmp.Or(response.SessionName, response.Subject), 100)
	yes, err := prompter.Confirm(
		ctx, fmt.Sprintf("Microsoft signed in %s, but the profile is for %s. Continue?", user, p.Username),
	)
	if err != nil && fault.KindOf(err) != fault.NeedsInput {
		return err
	}
	if err != nil || !yes {
		return fault.Newf(fault.Auth, "Microsoft signed in %s, but the profile is for %s", user, p.Username).
			Hint("check azure_default_username, or sign in from a terminal and confirm the account")
	}
	return nil
}

// isUser reports whether the signed-in user is that of the profile. A profile without a
// user name accepts any user. The user of an encrypted assertion is checked with the
// reply of STS.
func isUser(p awsconfig.Profile, response saml.Response) bool {
	return response.Encrypted || p.Username == "" || strings.EqualFold(p.Username, response.Subject) ||
		strings.EqualFold(p.Username, response.SessionName)
}

const requestingCredentials = "Requesting credentials from AWS STS"

// assumeRole exchanges an assertion for credentials. If the assertion expired while the
// user was choosing a role, it signs in again.
func (r resolved) assumeRole(ctx context.Context, a assertion, role saml.Role) (Result, error) {
	r.noteDefaultRegion(role)
	done := progress.Step(ctx, requestingCredentials)
	creds, err := r.stsClient(a, r.state).
		Assume(ctx, a.Raw, role, r.Profile.Duration, r.env.Prompter.Notice)
	done()
	if r.userChooses && sts.TooOld(err) {
		r.env.Prompter.Notice("AWS accepts a sign-in for five minutes only. Signing in again ...")
		r.Role, r.userChooses = role.ARN, false
		return r.repeat(ctx)
	}
	if err != nil {
		return Result{}, a.network.Clock.Explain(audienceHint(r.Profile, err))
	}
	return Result{Role: role, SessionName: sessionName(a, creds), Policies: r.narrowing, Credentials: creds}, nil
}

// stsClient returns an STS client that applies the session policies of the request.
func (r resolved) stsClient(a assertion, memory sts.DurationMemory) *sts.Client {
	o := r.env.stsOptions(a.network, r.Profile, memory)
	o.Policies = r.policies
	if a.Encrypted {
		o.Subject = r.Profile.Username
	}
	return sts.New(o)
}

// noteDefaultRegion shows, once, which region is used because none is set.
func (r resolved) noteDefaultRegion(role saml.Role) {
	home, ok := saml.PartitionByID(role.Partition())
	if ok && r.Interactive && r.Profile.Region == "" && r.Profile.STSEndpoint == "" && r.env.firstTime("no-region") {
		r.env.Prompter.Notice(fmt.Sprintf(
			"No region is set: using AWS STS in %s. Set region in the profile, or AWS_REGION.", home.DefaultRegion,
		))
	}
}

// repeat signs in again and assumes the role that the user has chosen.
func (r resolved) repeat(ctx context.Context) (Result, error) {
	if r.Batch != nil {
		delete(r.Batch.signIns, r.identity.SharedKey()) // its assertion has expired
	}
	a, err := r.assertion(ctx)
	if err != nil {
		return Result{}, err
	}
	role, err := r.selectRole(ctx, a.Roles)
	if err != nil {
		return Result{}, err
	}
	return r.assumeRole(ctx, a, role)
}

// CheckSTS returns an error if the profile's settings do not yield an STS endpoint.
// Commands call it before the user signs in.
func CheckSTS(ctx context.Context, env Env, p awsconfig.Profile) error {
	return sts.New(env.stsOptions(network.Network{}, p, nil)).Check(ctx)
}

func (e Env) stsOptions(net network.Network, p awsconfig.Profile, memory sts.DurationMemory) sts.Options {
	return sts.Options{
		Region: p.Region, Endpoint: p.STSEndpoint, HTTP: net.Client, FIPS: p.FIPS, DualStack: p.DualStack,
		Legacy: p.LegacySTS, Log: e.Log, Memory: memory,
	}
}
