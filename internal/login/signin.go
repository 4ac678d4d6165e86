package login

import (
	"context"
	"errors"

	"github.com/o365aws/o365aws/internal/network"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// signIn gets an assertion and reads it.
func signIn(
	ctx context.Context, d Deps, p awsconfig.Profile, cloud entra.Cloud, net network.Network,
) (saml.Response, error) {
	p, err := d.learned(ctx, p, cloud, net)
	if err != nil {
		return saml.Response{}, err
	}
	reply := saml.Home(p.Region, p.RoleARN, p.Cloud).ACS
	if p.Browser == "system" {
		reply = p.ReplyURL
	}
	request, err := saml.NewAuthnRequest(p.AppIDURI, reply, d.Now(), d.Random)
	if err != nil {
		return saml.Response{}, err
	}
	if d.visit != nil {
		d.visit.request = request.ID
	}
	address, err := request.URL(cloud.LoginHost, p.TenantID, p.Username)
	if err != nil {
		return saml.Response{}, err
	}
	read := func(assertion secret.Text) (saml.Response, error) {
		response, err := saml.Parse(
			assertion, saml.Expect{InResponseTo: request.ID, TenantID: p.Tenant, Now: d.Now(), Skew: clockSkew},
		)
		var status *saml.StatusError
		if errors.As(err, &status) && status.Code != "" {
			return saml.Response{}, entra.Explain(status.Code, "")
		}
		if err != nil {
			d.unlearn(p)
		}
		return response, err
	}
	if p.Browser == "system" {
		return d.inOwnBrowser(ctx, p.ReplyURL, address, request.ID, read)
	}
	assertion, err := drive{d, p, cloud, net, address}.run(ctx)
	if err != nil {
		return saml.Response{}, err
	}
	return read(assertion)
}
