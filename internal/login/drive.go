package login

import (
	"context"
	"errors"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/secret"
)

// drive is a sign-in in a browser that this program starts.
type drive struct {
	Deps
	profile awsconfig.Profile
	cloud   entra.Cloud
	net     network.Network
	address string
}

// run signs in headless or in a window, as the profile says. A page that only
// a person can answer is carried on in a window, when one is there.
func (d drive) run(ctx context.Context) (secret.Text, error) {
	if d.profile.Browser == "visible" {
		if err := d.mayShow(); err != nil {
			return secret.Text{}, err
		}
		return d.once(ctx, true, nil)
	}
	var left entra.Session
	assertion, err := d.once(ctx, false, &left)
	var page *entra.ByPerson
	if !errors.As(err, &page) || d.mayShow() != nil {
		return assertion, err
	}
	d.Ask.Notice(strings.ToUpper(page.Error()[:1]) + page.Error()[1:] + ".")
	yes, asked := d.Ask.Confirm(ctx, "Carry on in a browser window?")
	switch {
	case ctx.Err() != nil:
		return secret.Text{}, ctx.Err()
	case asked != nil || !yes:
		return secret.Text{}, err
	}
	d.visit = d.visit.from(left)
	return d.once(ctx, true, nil)
}

// mayShow reports why no window can be opened.
func (d drive) mayShow() error {
	switch {
	case !d.Ask.Window():
		return noWindow("a sign-in in a browser window")
	case !browser.HasDisplay(d.Env):
		return fault.New(fault.Browser, "no window can be opened here: there is no display",
			"sign in in your own browser: o365aws login --browser system prints an address where it cannot open one")
	}
	return nil
}

// once runs a browser from start to end. left, when not nil, gets the cookies
// of a sign-in that a person has to carry on.
func (d drive) once(ctx context.Context, visible bool, left *entra.Session) (assertion secret.Text, err error) {
	way, err := d.net.Relay(d.Log)
	if err != nil {
		return secret.Text{}, err
	}
	if way != nil {
		defer func() {
			_ = way.Close()
			if fault.KindOf(err) == fault.Network && ctx.Err() == nil {
				err = wayFault(way, err)
			}
		}()
	}
	b, err := d.launch(ctx, visible, way)
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
	if visible {
		d.Ask.Notice("Sign in in the browser window. It closes by itself.")
	}
	t := newTrail(d.Deps, d.cloud)
	p := d.profile
	ask, codes := &passwords{Prompter: d.Ask, d: d}, d.codes(ctx)
	driver := entra.Driver{
		Cloud: d.cloud, LoginHosts: p.LoginHosts, Username: p.Username, Watch: visible, Remember: p.RememberMe, Method: p.MFA, TOTPSecret: codes.seed,
		Ask: ask, Log: d.Log, Now: d.Now, Record: func(v entra.Visit) { t.Pages = append(t.Pages, v) },
		PasswordRejected: ask.wrong, CodeRejected: codes.wrong,
	}
	assertion, err = driver.Run(ctx, b.Page(), d.address)
	t.save(ctx, d.Deps, b, err)
	var page *entra.ByPerson
	switch {
	case err == nil:
		codes.keep(ctx)
		ask.keep(ctx)
		if err := d.visit.ended(ctx, b); err != nil {
			d.Log.Info("the session of the browser cannot be kept", "error", err)
		}
	case left != nil && errors.As(err, &page):
		if *left, err = b.Session(ctx, d.cloud.SessionHosts(p.LoginHosts)); err != nil {
			d.Log.Debug("the window begins without cookies", "error", err)
		}
		err = page
	}
	return assertion, err
}

// wayFault adds what the relay knows of a browser that was kept from the network.
func wayFault(way *network.Relay, err error) error {
	if refused := way.Untrusted(); refused != nil {
		return fault.Wrap(fault.Network, refused, "the browser was kept from a server that nobody vouches for",
			"if your company's proxy inspects TLS, AWS_CA_BUNDLE (or ca_bundle) has to name its authority")
	}
	var f *fault.Error
	if unreached := way.Unreached(); unreached != nil && errors.As(err, &f) {
		return f.Hint("a server was not reached: %s", unreached)
	}
	return err
}

func (d drive) launch(ctx context.Context, visible bool, way *network.Relay) (*browser.Browser, error) {
	p := d.profile
	path, err := browser.Find(p.BrowserPath, visible, d.Env)
	if err != nil {
		return nil, err
	}
	if err := browser.Sweep(d.Paths.Browsers()); err != nil {
		d.Log.Debug("old browser profiles not swept", "error", err)
	}
	o := browser.Options{
		Path: path, Args: p.BrowserArgs, Visible: visible, ProxyURL: d.net.Proxy, ProxyBypass: d.net.Bypass,
		StateDir: d.Paths.Browsers(), Environ: d.Environ, Log: d.Log,
	}
	if way != nil {
		o.ProxyURL, o.ProxyPassword, o.ProxyBypass, o.TrustedSPKI = way.URL(), way.Password(), "", []string{way.SPKI()}
	}
	if visible && p.BrowserProfile == "persistent" {
		o.Keep = d.keptWindow(p)
	}
	return browser.Launch(ctx, o)
}
