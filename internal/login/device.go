package login

import (
	"context"
	"errors"
	"net/url"
	"sync"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/broker"
	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/secret"
)

// device is the identity broker of this device and the account to sign in with.
type device struct {
	broker  *broker.Broker
	account broker.Account

	mu    sync.Mutex
	value secret.Text // for requests without a nonce; never stored
}

// credential implements entra.DeviceCredential. It calls the broker once, and again for
// each nonce.
func (d *device) credential(ctx context.Context, address string) (secret.Text, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	u, err := url.Parse(address)
	if err != nil {
		return secret.Text{}, errors.New("malformed address")
	}
	nonce := u.Query().Has("sso_nonce")
	if !nonce && !d.value.IsZero() {
		return d.value, nil
	}
	value, err := d.broker.Credential(ctx, d.account, address)
	if !nonce {
		d.value = value
	}
	return value, err
}

func (d *device) close() {
	if d != nil {
		d.broker.Close()
	}
}

// document returns the header that a browser sends, or nil without a device.
func (d *device) document(cloud entra.Cloud) *browser.Document {
	if d == nil {
		return nil
	}
	return &browser.Document{Host: cloud.LoginHost, Name: entra.DeviceHeader, Value: d.credential}
}

func deviceAvailable(t attempt) string {
	if t.Profile.Device == "none" {
		return "sign-in by the device is disabled (o365aws_device = none)"
	}
	return ""
}

// acquireByDevice signs in over HTTP with the account that is signed in on the device.
func acquireByDevice(ctx context.Context, t attempt) (signInResult, error) {
	result, err := t.byDevice(ctx)
	var lapsed *entra.RenewalError
	var failed *broker.Error
	proven := errors.As(err, &lapsed) && !lapsed.Dead && !lapsed.Ignored
	switch {
	case err == nil && t.canPrompt() && endsSoon(result.Response, t.env.Now()):
		return result, notApplicable{error: errors.New("the session of this device ends soon")}
	case err == nil:
		result.by = "device"
		if t.use == forLogin {
			t.env.Prompter.Notice("Signed in by this device as " + result.device.account.Username + ".")
		}
		return result, nil
	case lapsed == nil && !errors.As(err, &failed):
		return result, err
	case t.Profile.Device == "required" && !proven:
		return result, deviceFault(err)
	}
	absent := failed != nil && (failed.Reason == broker.NoBus || failed.Reason == broker.NotInstalled)
	return result, notApplicable{error: err, quiet: absent}
}

// canPrompt reports whether the user can sign in interactively to get a longer session.
func (t attempt) canPrompt() bool {
	return t.Interactive && t.Profile.Device != "required" && t.env.Prompter.Window()
}

func deviceFault(err error) error {
	f := fault.Wrap(fault.Auth, err, "the profile requires a sign-in by the device (o365aws_device = required)")
	return f.Hint("o365aws doctor shows what the device can do")
}

// byDevice signs in with the device's account. With an error, it still returns the device
// if it has an account that may sign in.
func (t attempt) byDevice(ctx context.Context) (signInResult, error) {
	defer progress.Step(ctx, "Signing in with this device")()
	if t.cloud.Name != "global" {
		err := &broker.Error{Reason: broker.NotInstalled, Detail: "identity brokers support only the global cloud"}
		return signInResult{}, err
	}
	d, err := openDevice(ctx, t.env, t.Profile, t.Interactive)
	if err != nil {
		return signInResult{}, err
	}
	result := signInResult{device: d}
	t.Profile.Username = d.account.Username
	p := t.Profile
	request, address, err := t.samlRequest(t.acs)
	if err != nil {
		return result, err
	}
	renewal := entra.Renewal{
		Cloud: t.cloud, LoginHosts: p.LoginHosts, Username: p.Username, Remember: identity.StaysSignedIn(p),
		Client: t.network.Client, Log: t.env.Log, Now: t.env.Now, Device: d.credential,
	}
	raw, session, err := renewal.Run(ctx, t.session.Session, address)
	if err != nil {
		return result, err
	}
	response, _, err := t.parse(raw, request.ID, t.session.Tenant)
	if err == nil && !isUser(p, response) {
		err = &entra.RenewalError{Device: true, Why: "signed in a user other than " + p.Username}
	}
	result.Response, result.RequestID, result.Session = response, request.ID, session
	return result, err
}

// openDevice connects to the broker and selects the account for a profile.
func openDevice(ctx context.Context, env Env, p awsconfig.Profile, interactive bool) (*device, error) {
	o := broker.Options{Getenv: env.Getenv, Limit: broker.NonInteractiveLimit, Log: env.Log}
	if interactive && env.Prompter.Window() {
		o.Limit = broker.InteractiveLimit
	}
	b, err := broker.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	accounts, err := b.Accounts(ctx)
	if err == nil {
		var account broker.Account
		if account, err = broker.Choose(accounts, p.Username, p.Tenant); err == nil {
			return &device{broker: b, account: account}, nil
		}
	}
	b.Close()
	return nil, err
}
