package login

import (
	"context"
	"errors"

	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
)

// overHTTP reports whether a sign-in starts without a browser, because of the setting
// o365aws_browser or because none is installed.
func (b browserRun) overHTTP() bool {
	switch b.profile.Browser {
	case "none":
		return true
	case "visible":
		return false
	}
	if b.installed() != "" || b.profile.BrowserPath != "" {
		return false
	}
	if b.firstTime("no-browser") {
		b.Prompter.Notice("No browser found; signing in over HTTP. Pages that need a browser will fail.")
	}
	return true
}

// installed returns the path of the headless browser, or "" if there is none.
func (b browserRun) installed() string {
	path, err := browser.Find(b.profile.BrowserPath, false, b.Getenv)
	if err != nil {
		return ""
	}
	return path
}

// withoutBrowser signs in over HTTP, and continues in a headless browser, if one is
// installed, at a page that needs one.
func (b browserRun) withoutBrowser(ctx context.Context) (browserOutcome, error) {
	path, session := b.installed(), b.start.session
	if session.UserAgent == "" {
		session.Fingerprint = browser.Typical(path, b.Environ)
	}
	page := &httpPage{run: b, http: entra.NewHTTPPage(entra.Renewal{
		Cloud: b.cloud, LoginHosts: b.profile.LoginHosts, Client: b.network.Client, Log: b.Log, Now: b.Now,
	}, session)}
	page.http.NoBrowser = path == ""
	page.currentPage = page.http
	outcome, err := b.drive(ctx, page)
	if page.browser != nil {
		err = page.browser.end(ctx, err)
	}
	return outcome, err
}

// currentPage is an entra.Page under a name that does not collide with the method Page.
type currentPage = entra.Page

// httpPage is a page over HTTP that switches to a browser when it needs one.
type httpPage struct {
	currentPage
	run        browserRun
	http       *entra.HTTPPage
	preference entra.Preference
	browser    *openBrowser // continues the sign-in; nil before that
}

// Prepare implements entra.Page.
func (p *httpPage) Prepare(ctx context.Context, preference entra.Preference) error {
	p.preference = preference
	return p.currentPage.Prepare(ctx, preference)
}

// Navigate implements entra.Page.
func (p *httpPage) Navigate(ctx context.Context, url string) error {
	return p.continued(ctx, p.currentPage.Navigate(ctx, url))
}

// Snapshot implements entra.Page.
func (p *httpPage) Snapshot(ctx context.Context) (entra.Snapshot, error) {
	snap, err := p.currentPage.Snapshot(ctx)
	return snap, p.continued(ctx, err)
}

// Click implements entra.Page.
func (p *httpPage) Click(ctx context.Context, selector string, nth int) (bool, error) {
	done, err := p.currentPage.Click(ctx, selector, nth)
	return done, p.continued(ctx, err)
}

// continued starts a browser at a page that needs one. It returns all other errors, and a
// fault if no browser can continue.
func (p *httpPage) continued(ctx context.Context, err error) error {
	var needs *entra.NeedsBrowser
	switch {
	case !errors.As(err, &needs):
		return err
	case p.http.NoBrowser:
		return fault.New(fault.Page, needs.Error(),
			"sign in with a headless browser: install Chrome, Edge or Chromium",
			"or sign in with your own browser: o365aws login --browser system")
	case needs.Address == "":
		return fault.New(fault.Page, needs.Error(),
			"sign in with a browser from the start, because it would repeat a request: "+
				"o365aws login --browser headless")
	}
	p.run.Prompter.Notice("Continuing in a headless browser: " + needs.Why + ".")
	p.run.start.session = p.http.Session()
	p.run.start.fingerprint = p.run.start.session.Fingerprint
	p.browser, err = p.run.open(ctx)
	if err != nil {
		return err
	}
	p.currentPage = p.browser.Page()
	if !p.preference.IsZero() {
		if err := p.currentPage.Prepare(ctx, p.preference); err != nil {
			return err
		}
	}
	return p.browser.Continue(ctx, needs)
}

var errNoElements = errors.New("a sign-in over HTTP draws no page")

// Page implements signInPage.
func (p *httpPage) Page() entra.Page { return p }

// Session implements signInPage.
func (p *httpPage) Session(ctx context.Context, hosts []string) (entra.Session, error) {
	if p.browser != nil {
		return p.browser.Session(ctx, hosts)
	}
	return p.http.Session().Of(hosts), nil
}

// Skeleton implements signInPage.
func (p *httpPage) Skeleton(ctx context.Context) (string, error) {
	if p.browser != nil {
		return p.browser.Skeleton(ctx)
	}
	return "", errNoElements
}

// Screenshot implements signInPage.
func (p *httpPage) Screenshot(ctx context.Context) ([]byte, error) {
	if p.browser != nil {
		return p.browser.Screenshot(ctx)
	}
	return nil, errNoElements
}
