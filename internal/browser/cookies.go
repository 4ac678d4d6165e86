package browser

import (
	"context"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// Session returns the cookies that hosts would receive, and the fingerprint of the
// browser. Call it after an assertion was captured and before Close.
func (b *Browser) Session(ctx context.Context, hosts []string) (entra.Session, error) {
	tab, cancel := b.limited(ctx)
	defer cancel()
	held, err := chromedp.CallBrowser(tab, storage.GetCookies, storage.GetCookiesParams{})
	if err != nil {
		return entra.Session{}, b.lost(ctx, err)
	}
	session := entra.Session{Fingerprint: b.page.fingerprint}
	for _, c := range held.Cookies {
		if c.PartitionKey != nil || c.PartitionKeyOpaque || !c.Secure {
			continue // partitioned by an embedding site, or also sent over plain HTTP
		}
		session.Cookies = append(session.Cookies, entra.Cookie{
			Name: c.Name, Value: secret.New(c.Value), Domain: strings.ToLower(c.Domain), Path: c.Path,
			Expires: expiry(c), HTTPOnly: c.HTTPOnly, SameSite: string(c.SameSite),
		})
	}
	return session.Of(hosts), nil
}

// SetSession sets the cookies of a session. Call it before the first navigation.
func (b *Browser) SetSession(ctx context.Context, session entra.Session) error {
	tab, cancel := b.limited(ctx)
	defer cancel()
	var params []*network.CookieParam
	for _, c := range session.Cookies {
		p := &network.CookieParam{
			Name: c.Name, Value: c.Value.Reveal(), Path: c.Path, Secure: true, HTTPOnly: c.HTTPOnly,
			SameSite: network.CookieSameSite(c.SameSite),
		}
		if strings.HasPrefix(c.Domain, ".") {
			p.Domain = c.Domain
		} else { // with a domain, the cookie would also be sent to subdomains
			p.URL = "https://" + c.Domain + c.Path
		}
		if !c.Expires.IsZero() {
			p.Expires = cdp.TimeSinceEpoch(float64(c.Expires.UnixMilli()) / 1000)
		}
		params = append(params, p)
	}
	if _, err := chromedp.CallBrowser(tab, storage.SetCookies, storage.SetCookiesParams{Cookies: params}); err != nil {
		return b.lost(ctx, err)
	}
	return nil
}

// limited returns the context of the tab, canceled with ctx or after browserLimit.
func (b *Browser) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	tab, cancel := context.WithTimeout(b.page.tab, browserLimit)
	stop := context.AfterFunc(ctx, cancel)
	return tab, func() { stop(); cancel() }
}

func (b *Browser) lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fault.Wrap(fault.Browser, err, "the browser's cookies could not be read or set")
}

func expiry(c *network.Cookie) time.Time {
	if c.Session || c.Expires <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(c.Expires * 1000)).UTC()
}
