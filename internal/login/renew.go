package login

import (
	"context"
	"errors"

	"github.com/o365aws/o365aws/internal/network"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// signInAnyWay gets an assertion: one that another call has just got, one by
// the kept session, or one by the person.
func (d Deps) signInAnyWay(ctx context.Context, w wanted, net network.Network) (saml.Response, error) {
	w, unlock, err := d.identifiedAlone(ctx, w, net)
	if err != nil {
		return saml.Response{}, err
	}
	defer unlock()
	k, found := d.held(ctx, w)
	why, begin := nothingKept, entra.Session{}
	if found {
		if response, ok := d.shared(w, k); ok {
			return response, nil
		}
	}
	if k.session.SignedIn() {
		response, requestID, err := d.renew(ctx, w, net, &k)
		var lapsed *entra.RenewalError
		switch {
		case err == nil:
			d.share(w, k, response, requestID)
			return response, nil
		case !errors.As(err, &lapsed):
			return saml.Response{}, err
		case lapsed.Dead:
			d.forget(ctx, w)
			k = kept{}
		case lapsed.Browser:
			begin = k.session
		}
		why = lapsed.Error()
		d.Log.Info("no renewal", "error", err)
	}
	if !w.Interactive {
		return saml.Response{}, needsPerson(w.Profile, why)
	}
	if why != nothingKept {
		d.Ask.Notice("Sign in again: " + why + ".")
	}
	return d.withPerson(ctx, w, net, k, begin)
}

const nothingKept = "no session is kept"

// withPerson takes the person's path. It keeps the session that comes of it,
// if there is one: a person's own browser keeps its own.
func (d Deps) withPerson(
	ctx context.Context, w wanted, net network.Network, k kept, begin entra.Session,
) (saml.Response, error) {
	p := w.Profile
	p.RememberMe = staysSignedIn(p)
	d.visit = &visit{begin: begin, hosts: w.cloud.SessionHosts(p.LoginHosts)}
	response, err := signIn(ctx, d, p, w.cloud, net)
	if err != nil {
		return response, err
	}
	if d.ours(w, response) {
		if d.visit.left.SignedIn() {
			k.session = d.visit.left
		}
		k.tenant = response.TenantID
		k = d.keep(ctx, w, k)
		d.share(w, k, response, d.visit.request)
	}
	return response, nil
}

// ours reports whether the person of the profile was signed in: the session of
// somebody else is not kept under that name.
func (d Deps) ours(w wanted, response saml.Response) bool {
	return w.Profile.Username == "" || isPerson(w.Profile, response)
}

// renew signs in by the kept session: over plain HTTP, or, when that does not
// get through, in a headless browser that rings no phone. The session is kept
// as it came back.
func (d Deps) renew(
	ctx context.Context, w wanted, net network.Network, k *kept,
) (response saml.Response, requestID string, err error) {
	request, address, err := d.request(w)
	if err != nil {
		return saml.Response{}, "", err
	}
	renewal := entra.Renewal{
		Cloud: w.cloud, LoginHosts: w.Profile.LoginHosts, Username: w.Profile.Username, Remember: staysSignedIn(w.Profile),
		Client: net.Client, Log: d.Log, Now: d.Now,
	}
	assertion, session, err := renewal.Run(ctx, k.session, address)
	var lapsed *entra.RenewalError
	if errors.As(err, &lapsed) && lapsed.Browser && !w.Interactive {
		return d.renewInBrowser(ctx, w, net, k, lapsed)
	}
	if err == nil {
		response, err = d.read(assertion, request.ID, k.tenant)
	}
	if err != nil {
		return saml.Response{}, "", err
	}
	k.session, k.tenant = session, response.TenantID
	*k = d.keep(ctx, w, *k)
	return response, request.ID, nil
}

// request makes the SAML request of a renewal. The answer goes to AWS's
// ordinary address: a listener on this machine is for a person's browser.
func (d Deps) request(w wanted) (saml.AuthnRequest, string, error) {
	p := w.Profile
	request, err := saml.NewAuthnRequest(p.AppIDURI, saml.Home(p.Region, p.RoleARN, p.Cloud).ACS, d.Now(), d.Random)
	if err != nil {
		return saml.AuthnRequest{}, "", err
	}
	address, err := request.URL(w.cloud.LoginHost, p.TenantID, p.Username)
	return request, address, err
}

// read parses an assertion. The tenant is checked by its GUID: the profile's,
// or the one that the sign-in by a person came from.
func (d Deps) read(assertion secret.Text, requestID, tenant string) (saml.Response, error) {
	response, err := saml.Parse(
		assertion, saml.Expect{InResponseTo: requestID, TenantID: tenant, Now: d.Now(), Skew: clockSkew},
	)
	var status *saml.StatusError
	if errors.As(err, &status) && status.Code != "" {
		return saml.Response{}, entra.Explain(status.Code, "")
	}
	return response, err
}

// renewInBrowser tries what plain HTTP could not get through, with the same
// cookies and without a person.
func (d Deps) renewInBrowser(
	ctx context.Context, w wanted, net network.Network, k *kept, lapsed *entra.RenewalError,
) (saml.Response, string, error) {
	d.Log.Info("trying a headless browser", "because", lapsed.Error())
	p := w.Profile
	p.Browser, p.RememberMe = "headless", staysSignedIn(p)
	d.visit = &visit{begin: k.session, quiet: true, hosts: w.cloud.SessionHosts(p.LoginHosts)}
	d.Ask = nobody{d.Ask}
	response, err := signIn(ctx, d, p, w.cloud, net)
	switch {
	case ctx.Err() != nil:
		return saml.Response{}, "", ctx.Err()
	case err != nil && fault.KindOf(err) == fault.Auth:
		return saml.Response{}, "", err
	case err != nil:
		d.Log.Info("the headless browser did not get through either", "error", err)
		return saml.Response{}, "", lapsed
	}
	if !d.ours(w, response) {
		return response, "", nil
	}
	k.session, k.tenant = d.visit.left, response.TenantID
	*k = d.keep(ctx, w, *k)
	return response, d.visit.request, nil
}

// nobody is the person who is not there.
type nobody struct{ Prompter }

var errNobody = fault.New(fault.NeedsInput, "nobody can be asked")

func (nobody) Username(context.Context) (string, error) { return "", errNobody }
func (nobody) Password(context.Context, string, bool) (secret.Text, error) {
	return secret.Text{}, errNobody
}

func (nobody) Code(context.Context, string, bool) (secret.Text, error) {
	return secret.Text{}, errNobody
}

func (nobody) Pass(context.Context, bool) (secret.Text, error)             { return secret.Text{}, errNobody }
func (nobody) Choose(context.Context, string, []entra.Choice) (int, error) { return 0, errNobody }
func (nobody) Confirm(context.Context, string) (bool, error)               { return false, errNobody }

func (nobody) Role(context.Context, []saml.Role) (saml.Role, error) { return saml.Role{}, errNobody }
func (nobody) Number(string)                                        {}
func (nobody) Notice(string)                                        {}
func (nobody) Address(string, string) bool                          { return false }
func (nobody) Window() bool                                         { return false }
func (nobody) Phone() bool                                          { return false }
