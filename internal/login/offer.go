package login

import (
	"context"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/sts"
)

// Offer holds the roles that one sign-in offers, for commands that list them before
// choosing. AWS accepts its assertion for five minutes.
type Offer struct {
	Roles       []saml.Role // sorted by account and name
	SessionName string

	env       Env
	assertion assertion
}

// Roles signs in, with the stored session if there is one, and returns the roles that the
// user may assume.
func Roles(ctx context.Context, env Env, req Request) (Offer, error) {
	req.Interactive = true
	r, err := resolve(env, req, forLogin)
	if err != nil {
		return Offer{}, err
	}
	a, err := r.assertion(ctx)
	if err != nil {
		return Offer{}, err
	}
	return Offer{Roles: ordered(a.Roles), SessionName: a.SessionName, env: env, assertion: a}, nil
}

// Assume assumes a role for a profile and stores the credentials in the profile's usual
// place.
func (o Offer) Assume(ctx context.Context, p awsconfig.Profile, role saml.Role) (Result, error) {
	r, err := resolve(o.env, Request{Profile: p, Role: role.ARN, Interactive: true}, forLogin)
	if err != nil {
		return Result{}, err
	}
	o.env.rememberOffered(p, o.assertion.Roles)
	r.userChooses = true // the user has already chosen the role
	result, err := r.assumeRole(ctx, o.assertion, role)
	if err != nil {
		return Result{}, err
	}
	return r.store(ctx, result)
}

// Alias returns the alias of a role's account, or "" if it has none. It stores nothing.
// It fails if the role lacks permission.
func (o Offer) Alias(ctx context.Context, p awsconfig.Profile, role saml.Role) (string, error) {
	client, creds, err := o.assumeBriefly(ctx, p, role)
	if err != nil {
		return "", err
	}
	return client.Alias(ctx, creds)
}

// Verify assumes a role and returns its ARN as reported by AWS. It stores nothing.
func (o Offer) Verify(ctx context.Context, p awsconfig.Profile, role saml.Role) (arn string, err error) {
	client, creds, err := o.assumeBriefly(ctx, p, role)
	if err != nil {
		return "", err
	}
	_, arn, err = client.Identity(ctx, creds)
	return arn, err
}

// assumeBriefly assumes a role for the shortest duration that STS allows.
func (o Offer) assumeBriefly(
	ctx context.Context, p awsconfig.Profile, role saml.Role,
) (*sts.Client, awscreds.Credentials, error) {
	client := sts.New(o.env.stsOptions(o.assertion.network, p, awsconfig.LoadState(o.env.Paths)))
	creds, err := client.Assume(ctx, o.assertion.Raw, role, sts.MinDuration, nil)
	return client, creds, err
}

// Choose prompts for one of the offered roles, unless pattern names one or there is only
// one.
func (o Offer) Choose(ctx context.Context, pattern, last string) (saml.Role, error) {
	return o.env.chooseRole(ctx, o.Roles, pattern, last)
}
