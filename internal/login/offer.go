package login

import (
	"context"

	"github.com/o365aws/o365aws/internal/network"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/sts"
)

// Offer is what one sign-in offers, for commands that look before they
// choose. AWS takes it for five minutes.
type Offer struct {
	Roles       []saml.Role // by account and name
	SessionName string

	deps     Deps
	net      network.Network
	response saml.Response
}

// Roles signs in, by the kept session where there is one, and returns what is
// offered.
func Roles(ctx context.Context, d Deps, req Request) (Offer, error) {
	req.Interactive = true
	w, err := d.wanted(req, own)
	if err != nil {
		return Offer{}, err
	}
	w.explicit = true
	unlock, err := d.lock(ctx, w, "identity-"+w.identity)
	if err != nil {
		return Offer{}, err
	}
	net, response, err := d.assertion(ctx, w)
	unlock()
	if err != nil {
		return Offer{}, err
	}
	for _, warning := range response.Warnings {
		d.Ask.Notice(warning)
	}
	if err := d.checkPerson(ctx, req.Profile, response); err != nil {
		return Offer{}, err
	}
	d.remember(req.Profile, response.Roles)
	return Offer{
		Roles: ordered(response.Roles, ""), SessionName: response.SessionName, deps: d, net: net,
		response: response,
	}, nil
}

// Take gets credentials of a role for a profile, and keeps them where the
// profile has them.
func (o Offer) Take(ctx context.Context, p awsconfig.Profile, role saml.Role) (Result, error) {
	w, err := o.deps.wanted(Request{Profile: p, Role: role.ARN, Interactive: true}, own)
	if err != nil {
		return Result{}, err
	}
	response := o.response
	response.Warnings = nil // they were told
	result, err := o.deps.exchange(ctx, w, o.net, response)
	if sts.TooOld(err) {
		result, err = o.deps.again(ctx, w)
	}
	if err != nil || p.CredentialProcess != "" {
		return result, err
	}
	return o.deps.writeFile(ctx, w, result)
}

// Alias asks AWS what the account of a role is called; "" when it has no
// alias or the role may not ask. Nothing is kept.
func (o Offer) Alias(ctx context.Context, p awsconfig.Profile, role saml.Role) (string, error) {
	client := o.deps.sts(o.net, p, awsconfig.LoadState(o.deps.Paths))
	creds, err := client.Assume(ctx, o.response.Raw, role, aliasDuration, nil)
	if err != nil {
		return "", err
	}
	return client.Alias(ctx, creds)
}

// Prove gets credentials of a role and asks AWS whose they are. Nothing is
// kept.
func (o Offer) Prove(ctx context.Context, p awsconfig.Profile, role saml.Role) (arn string, err error) {
	client := o.deps.sts(o.net, p, awsconfig.LoadState(o.deps.Paths))
	creds, err := client.Assume(ctx, o.response.Raw, role, aliasDuration, nil)
	if err != nil {
		return "", err
	}
	_, arn, err = client.Identity(ctx, creds)
	return arn, err
}

// aliasDuration is the shortest that STS gives.
const aliasDuration = sts.MinDuration

// Choose asks for one of the offered roles, unless pattern names one or there
// is but one.
func (o Offer) Choose(ctx context.Context, pattern, last string) (saml.Role, error) {
	return chooseRole(ctx, o.deps.Ask, o.Roles, pattern, last)
}

// remember keeps what was offered, for completion.
func (d Deps) remember(p awsconfig.Profile, roles []saml.Role) {
	arns := make([]string, len(roles))
	for i, r := range ordered(roles, "") {
		arns[i] = r.ARN
	}
	if err := awsconfig.RememberOffered(d.Paths, p.Name, arns); err != nil {
		d.Log.Debug("roles not remembered", "error", err)
	}
}
