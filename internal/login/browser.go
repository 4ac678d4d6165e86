package login

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/secret"
)

// browserRun is a sign-in in a browser that this program starts.
type browserRun struct {
	Env
	profile  awsconfig.Profile
	identity identity.Identity
	cloud    entra.Cloud
	network  network.Network
	address  string
	start    browserStart
	visible  bool

	passwords *identity.Passwords
}

// browserOutcome is the result of a browser run. The session is also set if the user has
// to continue in a window.
type browserOutcome struct {
	assertion secret.Text
	session   entra.Session
}

// signIn signs in headless or in a window, depending on the profile. A page that only the
// user can answer is shown in a window if one can open.
func (b browserRun) signIn(ctx context.Context) (browserOutcome, error) {
	b.visible = b.profile.Browser == "visible"
	b.passwords = b.identity.Passwords()
	defer b.passwords.Close()
	overHTTP := !b.start.silent && b.overHTTP()
	if !b.visible && !b.start.silent && b.start.device == nil && len(b.start.session.Cookies) == 0 {
		b.passwords.AskAhead(ctx)
	}
	if overHTTP {
		return b.withoutBrowser(ctx)
	}
	if b.visible {
		if err := b.canShow(); err != nil {
			return browserOutcome{}, err
		}
		return b.run(ctx)
	}
	outcome, err := b.run(ctx)
	b.passwords.Close()
	var page *entra.NeedsWindow
	if !errors.As(err, &page) || b.canShow() != nil {
		return outcome, err
	}
	b.Prompter.Notice(sentence(page))
	yes, promptErr := b.Prompter.Confirm(ctx, "Continue in a browser window?")
	switch {
	case ctx.Err() != nil:
		return browserOutcome{}, ctx.Err()
	case promptErr != nil || !yes:
		return browserOutcome{}, err
	}
	b.visible, b.start.session = true, outcome.session
	return b.run(ctx)
}

// sentence formats an error as a sentence.
func sentence(err error) string { return strings.ToUpper(err.Error()[:1]) + err.Error()[1:] + "." }

// canShow returns the reason why no window can open, or nil.
func (b browserRun) canShow() error {
	switch {
	case !b.Prompter.Window():
		return noWindow("a sign-in in a browser window")
	case !browser.HasDisplay(b.Getenv):
		return fault.New(fault.Browser, "cannot open a browser window: there is no display",
			"use your own browser: o365aws login --browser system prints an address if it cannot open one")
	}
	return nil
}

// run starts a browser, signs in, and closes the browser.
func (b browserRun) run(ctx context.Context) (browserOutcome, error) {
	opened, err := b.open(ctx)
	if err != nil {
		return browserOutcome{}, err
	}
	if b.visible {
		b.Prompter.Notice("Complete the sign-in in the browser window; it closes automatically.")
	}
	outcome, err := b.drive(ctx, opened)
	return outcome, opened.end(ctx, err)
}

// openBrowser is a running browser and the relay that it uses, or nil.
type openBrowser struct {
	*browser.Browser
	relay *network.Relay
	log   *slog.Logger
}

// open starts a browser and sets the cookies of the initial session.
func (b browserRun) open(ctx context.Context) (*openBrowser, error) {
	relay, err := b.network.Relay(b.Log)
	if err != nil {
		return nil, err
	}
	opened := &openBrowser{relay: relay, log: b.Log}
	opened.Browser, err = b.launch(ctx, relay)
	if err == nil {
		err = b.setCookies(ctx, opened.Browser)
	}
	if err != nil {
		return nil, opened.end(ctx, err)
	}
	return opened, nil
}

// end closes the browser and the relay. It returns the error of the sign-in, joined with
// the failures of the relay.
func (o *openBrowser) end(ctx context.Context, err error) error {
	if o.Browser != nil {
		if closeErr := o.Close(); closeErr != nil {
			o.log.Debug("browser not closed cleanly", "error", closeErr)
		}
	}
	if o.relay == nil {
		return err
	}
	_ = o.relay.Close()
	if fault.KindOf(err) == fault.Network && ctx.Err() == nil {
		return withRelay(o.relay, err)
	}
	return err
}

// setCookies sets the cookies of the initial session before the first page loads.
func (b browserRun) setCookies(ctx context.Context, started *browser.Browser) error {
	if len(b.start.session.Cookies) == 0 {
		return nil
	}
	return started.SetSession(ctx, b.start.session)
}

// signInPage is a sign-in page, with access to the session.
type signInPage interface {
	Page() entra.Page
	// Session returns the cookies for hosts.
	Session(ctx context.Context, hosts []string) (entra.Session, error)
	// Skeleton returns the elements of the page without text and values.
	Skeleton(ctx context.Context) (string, error)
	// Screenshot returns a screenshot of the page as a PNG.
	Screenshot(ctx context.Context) ([]byte, error)
}

// drive completes the sign-in pages.
func (b browserRun) drive(ctx context.Context, in signInPage) (outcome browserOutcome, err error) {
	p := b.profile
	passwords, totp := b.passwords, b.identity.TOTP(ctx, b.TOTPSecret, b.network.Clock.Wrong)
	driver := entra.Driver{
		Cloud: b.cloud, LoginHosts: p.LoginHosts, Username: p.Username, Watch: b.visible, Remember: p.RememberMe,
		Method: p.MFA, TOTPSecret: totp.Secret, Ask: passwords, Log: b.Log, Now: b.Now,
		Record: b.Trail.Page, Private: b.Trail.Private(),
		PasswordRejected: passwords.OnRejected, CodeRejected: totp.OnRejected,
	}
	outcome.assertion, err = driver.Run(ctx, in.Page(), b.address)
	b.saveDiagnostics(ctx, in, err)
	var page *entra.NeedsWindow
	if err != nil && (b.visible || !errors.As(err, &page)) {
		return outcome, err
	}
	if err == nil {
		totp.Save(ctx)
		passwords.Save(ctx)
	}
	session, sessionErr := in.Session(ctx, b.cloud.SessionHosts(p.LoginHosts))
	if sessionErr != nil {
		b.Log.Info("cannot read the session of the browser", "error", sessionErr)
	}
	outcome.session = session
	return outcome, err
}

// withRelay adds the failures of the relay to a browser error.
func withRelay(relay *network.Relay, err error) error {
	if refused := relay.Untrusted(); refused != nil {
		return fault.Wrap(fault.Network, refused, "the browser was not connected to a server with an untrusted certificate",
			"if your company's proxy inspects TLS, set AWS_CA_BUNDLE (or ca_bundle) to its CA certificate")
	}
	if unreached := relay.Unreached(); unreached != nil {
		return fault.AddHint(err, "the browser could not reach a server: %s", unreached)
	}
	return err
}

func (b browserRun) launch(ctx context.Context, relay *network.Relay) (*browser.Browser, error) {
	defer progress.Step(ctx, "Starting the browser")()
	p := b.profile
	path, err := browser.Find(p.BrowserPath, b.visible, b.Getenv)
	if err != nil {
		return nil, err
	}
	if err := browser.Sweep(b.Paths.Browsers()); err != nil {
		b.Log.Debug("old browser profiles not removed", "error", err)
	}
	o := browser.Options{
		Path: path, Args: p.BrowserArgs, Visible: b.visible, ProxyURL: b.network.Proxy, ProxyBypass: b.network.Bypass,
		StateDir: b.Paths.Browsers(), Environ: b.Environ, Log: b.Log, Document: b.start.device.document(b.cloud),
		Certificates: browser.Certificates{Asks: b.cloud.AsksForCertificate, Client: b.network.Client},
		Fingerprint:  b.start.fingerprint,
	}
	if relay != nil {
		o.ProxyURL, o.ProxyPassword, o.ProxyBypass = relay.URL(), relay.Password(), ""
		o.TrustedSPKI = []string{relay.SPKI()}
	}
	if b.start.silent {
		o.Blocked = entra.BeginsRequest
	}
	if b.visible && p.BrowserProfile == "persistent" {
		o.Keep = b.identity.BrowserProfile()
	}
	return browser.Launch(ctx, o)
}
