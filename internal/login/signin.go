package login

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// browserStart holds the initial state of a sign-in in a browser.
type browserStart struct {
	session entra.Session // initial cookies; zero for none
	silent  bool          // the user did not start this sign-in: no page may notify their phone
	device  *device       // authenticates the device; nil for none
	// fingerprint is the fingerprint that a headless browser reports; zero for the
	// browser's own.
	fingerprint entra.Fingerprint
}

// inBrowser gets an assertion in a browser and parses it.
func (t attempt) inBrowser(ctx context.Context, start browserStart) (signInResult, error) {
	id, err := t.env.Identity(t.Profile).ResolveTenant(ctx, t.network.Client, t.cloud)
	if err != nil {
		return signInResult{}, err
	}
	p := id.Profile
	p.RememberMe = identity.StaysSignedIn(p)
	reply := t.acs
	if p.Browser == "system" {
		reply = p.ReplyURL
	}
	request, address, err := t.samlRequest(reply)
	if err != nil {
		return signInResult{}, err
	}
	parse := func(raw secret.Text) (saml.Response, error) {
		response, refused, err := t.parse(raw, request.ID, p.Tenant)
		if err != nil && !refused {
			id.DeleteTenant()
		}
		return response, err
	}
	if p.Browser == "system" {
		response, err := t.env.inSystemBrowser(ctx, p.ReplyURL, address, request.ID, parse)
		return signInResult{Response: response, RequestID: request.ID}, err
	}
	run := browserRun{
		Env: t.env, profile: p, identity: id, cloud: t.cloud, network: t.network, address: address, start: start,
	}
	outcome, err := run.signIn(ctx)
	if err != nil {
		return signInResult{}, err
	}
	response, err := parse(outcome.assertion)
	return signInResult{Response: response, RequestID: request.ID, Session: outcome.session}, err
}

// samlRequest returns a SAML request with the given reply URL, and the address at which
// the sign-in starts.
func (r resolved) samlRequest(reply string) (saml.AuthnRequest, string, error) {
	p := r.Profile
	request, err := saml.NewAuthnRequest(p.AppIDURI, reply, r.env.Now(), r.env.Random)
	if err != nil {
		return saml.AuthnRequest{}, "", err
	}
	address, err := request.URL(r.cloud.LoginHost, p.TenantID, p.Username)
	return request, address, err
}

// parse parses a SAML response. It checks the tenant GUID if that is known. refused
// reports whether Microsoft returned an error.
func (r resolved) parse(
	raw secret.Text, requestID, tenant string,
) (response saml.Response, refused bool, err error) {
	response, err = saml.Parse(
		raw, saml.Expect{InResponseTo: requestID, TenantID: tenant, Now: r.env.Now(), Skew: clockSkew},
	)
	var status *saml.StatusError
	if errors.As(err, &status) && status.Code != "" {
		return saml.Response{}, true, entra.Explain(status.Code, "")
	}
	return response, false, err
}

// rememberOffered stores the roles of a profile's user for shell completion.
func (e Env) rememberOffered(p awsconfig.Profile, roles []saml.Role) {
	arns := make([]string, len(roles))
	for i, role := range ordered(roles) {
		arns[i] = role.ARN
	}
	if err := awsconfig.RememberOffered(e.Paths, p.Name, arns); err != nil {
		e.Log.Debug("roles not remembered", "error", err)
	}
}

// firstTime reports whether a notice has not been shown yet with this home.
func (e Env) firstTime(notice string) bool {
	path := filepath.Join(e.Paths.Home, "cache", "said-"+notice)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return true
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return !errors.Is(err, os.ErrExist)
	}
	return f.Close() == nil
}
