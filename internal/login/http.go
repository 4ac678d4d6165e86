package login

import (
	"context"
	"errors"

	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
)

// overHTTP reports whether a headless sign-in uses no browser, by the setting
// o365aws_browser or because none is installed.
func (b browserRun) overHTTP() bool {
	switch b.profile.Browser {
	case "none":
		return true
	case "visible":
		return false
	}
	if _, err := browser.Find(b.profile.BrowserPath, false, b.Getenv); err == nil || b.profile.BrowserPath != "" {
		return false
	}
	if b.firstTime("no-browser") {
		b.Prompter.Notice("No browser found; signing in over HTTP. Pages that need a browser will fail.")
	}
	return true
}

// withoutBrowser signs in over HTTP.
func (b browserRun) withoutBrowser(ctx context.Context) (browserOutcome, error) {
	page := httpPage{entra.NewHTTPPage(entra.Renewal{
		Cloud: b.cloud, LoginHosts: b.profile.LoginHosts, Client: b.network.Client, Log: b.Log, Now: b.Now,
	}, b.start.session)}
	outcome, err := b.drive(ctx, page)
	if needs := (*entra.NeedsBrowser)(nil); errors.As(err, &needs) {
		return outcome, fault.New(fault.Page, needs.Error(),
			"sign in with a headless browser: install Chrome, Edge or Chromium, and do not set o365aws_browser = none",
			"or sign in with your own browser: o365aws login --browser system")
	}
	return outcome, err
}

// httpPage is a page without a browser.
type httpPage struct{ *entra.HTTPPage }

var errNoElements = errors.New("a sign-in over HTTP draws no page")

// Page implements signInPage.
func (p httpPage) Page() entra.Page { return p.HTTPPage }

// Session implements signInPage.
func (p httpPage) Session(_ context.Context, hosts []string) (entra.Session, error) {
	return p.HTTPPage.Session().Of(hosts), nil
}

// Skeleton implements signInPage.
func (p httpPage) Skeleton(context.Context) (string, error) { return "", errNoElements }

// Screenshot implements signInPage.
func (p httpPage) Screenshot(context.Context) ([]byte, error) { return nil, errNoElements }
