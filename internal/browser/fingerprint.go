package browser

import (
	"cmp"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/entra"
)

// identify makes a headless browser report the same identity as a visible browser of the
// same version: without "Headless", and with languages.
func (p *page) identify(o Options) error {
	version, err := chromedp.CallBrowser(p.tab, cdpbrowser.GetVersion, cdp.Empty{})
	if err != nil {
		return err
	}
	f := o.Fingerprint
	if f.UserAgent == "" {
		f = fingerprint(fullUserAgent(version.UserAgent), o.Path, o.Environ)
	}
	p.fingerprint = f
	if p.visible {
		return nil
	}
	metadata := &emulation.UserAgentMetadata{
		Platform: f.Platform, Architecture: map[string]string{"amd64": "x86", "arm64": "arm"}[runtime.GOARCH], Bitness: "64",
	}
	full, _, _ := strings.Cut(version.Product[strings.Index(version.Product, "/")+1:], " ")
	for _, b := range f.Brands() {
		metadata.Brands = append(metadata.Brands, &emulation.UserAgentBrandVersion{Brand: b.Name, Version: b.Version})
		long := &emulation.UserAgentBrandVersion{Brand: b.Name, Version: full}
		if !strings.HasPrefix(full, b.Version+".") { // the meaningless brand
			long.Version = b.Version + ".0.0.0"
		}
		metadata.FullVersionList = append(metadata.FullVersionList, long)
	}
	_, err = chromedp.Call(p.tab, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: f.UserAgent, AcceptLanguage: f.Languages, UserAgentMetadata: metadata,
	})
	return err
}

// headers returns all headers of a held request, or nil to leave them unchanged. identify
// does not apply to cross-site frames and workers: their requests contain Headless or no
// language.
func (p *page) headers(e *fetch.EventRequestPaused) []*fetch.HeaderEntry {
	headers := p.header.headersFor(p.tab, p.log, e)
	sent := http.Header{}
	for name, value := range e.Request.Headers {
		sent.Set(name, fmt.Sprint(value))
	}
	if p.visible || sent.Get("Accept-Language") != "" && !strings.Contains(fmt.Sprint(sent), "Headless") {
		return headers
	}
	if headers == nil {
		headers = entries(e)
	}
	full := http.Header{}
	p.fingerprint.SetHeaders(full)
	headers = slices.DeleteFunc(headers, func(h *fetch.HeaderEntry) bool {
		return full.Get(h.Name) != "" || strings.HasPrefix(strings.ToLower(h.Name), "sec-ch-ua") &&
			strings.Contains(h.Value, "Headless")
	})
	for name := range full {
		if sent.Get(name) != "" || !strings.HasPrefix(name, "Sec-") { // workers send no client hints
			headers = append(headers, &fetch.HeaderEntry{Name: name, Value: full.Get(name)})
		}
	}
	return headers
}

// Typical returns the fingerprint of a recent browser, for a sign-in that starts without
// one. path is the browser that may continue the sign-in, or "" for none.
func Typical(path string, environ []string) entra.Fingerprint {
	system := map[string]string{
		"darwin": "Macintosh; Intel Mac OS X 10_15_7", "windows": "Windows NT 10.0; Win64; x64",
	}[runtime.GOOS]
	return fingerprint("Mozilla/5.0 ("+cmp.Or(system, "X11; Linux x86_64")+") AppleWebKit/537.36 "+
		"(KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", path, environ)
}

func fingerprint(userAgent, path string, environ []string) entra.Fingerprint {
	return entra.Fingerprint{
		UserAgent: userAgent, Product: product(path), Languages: languages(environ),
		Platform: map[string]string{"linux": "Linux", "darwin": "macOS", "windows": "Windows"}[runtime.GOOS],
	}
}

// fullUserAgent returns the user agent of a visible browser, which contains only the
// major version.
func fullUserAgent(headless string) string {
	return regexp.MustCompile(`(?:Headless)?(Chrome|Edg)/([0-9]+)[0-9.]*`).ReplaceAllString(headless, "$1/$2.0.0.0")
}

// product returns the brand of a browser according to its file name, or "" for Chromium.
func product(path string) string {
	name := strings.ToLower(filepath.Base(path))
	switch {
	case strings.Contains(name, "edge"):
		return "Microsoft Edge"
	case strings.Contains(name, "brave"):
		return "Brave"
	case strings.HasPrefix(name, "chrome") || strings.Contains(name, "google"):
		return "Google Chrome"
	}
	return ""
}

// languages returns the languages of the user, preferred first, as Chromium reads them
// from the environment.
func languages(environ []string) string {
	set := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		set[name] = value
	}
	locale, _, _ := strings.Cut(cmp.Or(set["LC_ALL"], set["LC_MESSAGES"], set["LANG"]), ".")
	language, region, _ := strings.Cut(locale, "_")
	switch {
	case len(language) != 2 || language == "en" && (region == "" || region == "US"):
		return "en-US,en"
	case language == "en":
		return "en-" + region + ",en-US,en"
	case region == "":
		return language + ",en-US,en"
	}
	return language + "-" + region + "," + language + ",en-US,en"
}
