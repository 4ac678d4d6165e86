package login

import (
	"context"
	"errors"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// signIn gets an assertion and reads it.
func signIn(ctx context.Context, d Deps, p awsconfig.Profile, cloud entra.Cloud, net network) (saml.Response, error) {
	tenant, err := tenantGUID(ctx, net.client, cloud.LoginHost, p.TenantID)
	if err != nil {
		return saml.Response{}, err
	}
	reply := saml.PartitionOf(p.Region).ACS
	if p.Browser == "system" {
		reply = p.ReplyURL
	}
	request, err := saml.NewAuthnRequest(p.AppIDURI, reply, d.Now(), d.Random)
	if err != nil {
		return saml.Response{}, err
	}
	address, err := request.URL(cloud.LoginHost, p.TenantID, p.Username)
	if err != nil {
		return saml.Response{}, err
	}
	read := func(assertion secret.Text) (saml.Response, error) {
		response, err := saml.Parse(assertion, saml.Expect{InResponseTo: request.ID, TenantID: tenant, Now: d.Now(), Skew: clockSkew})
		var status *saml.StatusError
		if errors.As(err, &status) && status.Code != "" {
			return saml.Response{}, entra.Explain(status.Code, "")
		}
		return response, err
	}
	if p.Browser == "system" {
		return d.inOwnBrowser(ctx, p.ReplyURL, address, request.ID, read)
	}
	assertion, err := drive(ctx, d, p, cloud, net, address)
	if err != nil {
		return saml.Response{}, err
	}
	return read(assertion)
}

// drive runs a browser from start to end.
func drive(ctx context.Context, d Deps, p awsconfig.Profile, cloud entra.Cloud, net network, address string) (assertion secret.Text, err error) {
	visible := p.Browser == "visible"
	path, err := browser.Find(p.BrowserPath, visible, d.Env)
	if err != nil {
		return secret.Text{}, err
	}
	if err := browser.Sweep(d.Paths.Browsers()); err != nil {
		d.Log.Debug("old browser profiles not swept", "error", err)
	}
	b, err := browser.Launch(ctx, browser.Options{
		Path: path, Args: p.BrowserArgs, Visible: visible, ProxyURL: net.proxy, ProxyBypass: net.bypass, TrustedSPKI: net.spki,
		StateDir: d.Paths.Browsers(), Environ: d.Environ, Log: d.Log,
	})
	if err != nil {
		return secret.Text{}, err
	}
	defer func() {
		if closeErr := b.Close(); closeErr != nil {
			d.Log.Debug("browser not closed cleanly", "error", closeErr)
		}
	}()
	if err := d.visit.started(ctx, b); err != nil {
		return secret.Text{}, err
	}
	driver := entra.Driver{
		Cloud: cloud, LoginHosts: p.LoginHosts, Username: p.Username, Watch: visible, Remember: p.RememberMe, Method: p.MFA,
		Ask: d.Ask, Log: d.Log, Now: d.Now,
	}
	assertion, err = driver.Run(ctx, b.Page(), address)
	if err == nil {
		if err := d.visit.ended(ctx, b); err != nil {
			d.Log.Info("the session of the browser cannot be kept", "error", err)
		}
	}
	return assertion, err
}
