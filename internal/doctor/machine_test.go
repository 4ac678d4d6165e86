package doctor

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
)

// with returns a world with one profile for each change.
func with(a answer, changes ...func(*awsconfig.Profile)) World {
	w := world(a)
	base := w.Profiles[0]
	w.Profiles = nil
	for _, change := range changes {
		l := base
		change(&l.Profile)
		w.Profiles = append(w.Profiles, l)
	}
	return w
}

// sites responds to every request and records it.
type sites struct {
	asked  []string
	status int
}

func (s *sites) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked = append(s.asked, r.Method+" "+r.URL.Host+r.URL.Path)
	response, err := answer{date: time.Now()}.RoundTrip(r)
	response.StatusCode = s.status
	return response, err
}

// Each tenant and application is checked once, at its cloud, and the clock is compared
// once.
func TestEachApplicationIsChecked(t *testing.T) {
	s := &sites{status: http.StatusOK}
	w := with(
		answer{}, func(*awsconfig.Profile) {}, func(p *awsconfig.Profile) { p.Name = "again" },
		func(p *awsconfig.Profile) { p.TenantID = "other.example" },
		func(p *awsconfig.Profile) { p.AppIDURI = "urn:other" }, func(p *awsconfig.Profile) { p.Cloud = "usgov" },
		func(p *awsconfig.Profile) { p.Cloud = "mars" }, func(p *awsconfig.Profile) { p.TenantID = "" },
	)
	w.Client = &http.Client{Transport: s}
	expect(
		t, "all", signInSite(t.Context(), w), "ok contoso.example", "ok the clock is accurate", "ok other.example",
		"ok urn:other", "ok login.microsoftonline.us", "problem unknown o365aws_cloud mars",
	)
	if got, want := strings.Join(s.asked, "\n"), "GET login.microsoftonline.com/contoso.example/saml2\nGET login.microsoftonline.com/other.example/saml2\n"+
		"GET login.microsoftonline.com/contoso.example/saml2\nGET login.microsoftonline.us/contoso.example/saml2"; got != want {
		t.Errorf("asked\n%s", got)
	}
	s.status = http.StatusServiceUnavailable
	expect(t, "a proxy's page", signInSite(t.Context(), w)[:1], "problem status 503")
	w.Profiles = w.Profiles[len(w.Profiles)-1:]
	expect(t, "no tenant", signInSite(t.Context(), w), "skipped no profile has a tenant")
}

// A clock difference of two minutes is accepted, as by the servers.
func TestClock(t *testing.T) {
	w := world(answer{})
	now := w.Now()
	w.Now = func() time.Time { return now }
	for off, want := range map[time.Duration]string{0: "ok ", skewed: "ok ", -skewed: "ok ", skewed + time.Second: "problem off by 2m1s", -skewed - time.Second: "problem off by -2m1s"} {
		expect(t, off.String(), []Finding{skew(w, now.Add(-off))}, want)
	}
	expect(t, "an answer without a time", signInSite(t.Context(), w), "ok accepts the application")
}

// Without a client the network is not checked, and its error is the problem.
func TestNoClient(t *testing.T) {
	w := world(answer{err: errors.New("asked")})
	w.ClientErr = fault.New(fault.Config, "no such CA bundle", "check ca_bundle")
	expect(t, "network", network(t.Context(), w), "problem no such CA bundle")
	expect(t, "sign-in site", signInSite(t.Context(), w), "skipped ")
	expect(t, "STS", stsReachable(t.Context(), w), "skipped ")
	w.ClientErr, w.Proxy = nil, "http://proxy.example:3128"
	w.Env = func(name string) string { return map[string]string{"AWS_CA_BUNDLE": "/ca.pem"}[name] }
	expect(t, "by a proxy", network(t.Context(), w), "ok using the proxy http://proxy.example:3128, trusting /ca.pem")
	w.Proxy, w.Env = "", func(string) string { return "" }
	if found := network(t.Context(), w); found[0].Detail != "no proxy" {
		t.Errorf("%v", found)
	}
}

// Each kind of store is tried once, except none.
func TestEachStoreIsTried(t *testing.T) {
	var tried []string
	store := func(name string) func(*awsconfig.Profile) { return func(p *awsconfig.Profile) { p.Store = name } }
	w := with(answer{}, store("none"), store("none"), store("keychain"), store("file"), store("keychain"))
	w.TryStore = func(_ context.Context, p awsconfig.Profile) error {
		tried = append(tried, p.Store)
		return nil
	}
	expect(t, "stores", secrets(t.Context(), w), "ok no secret store", "ok the system keychain stores", "ok the secret store file stores")
	if got := strings.Join(tried, " "); got != "keychain file" {
		t.Errorf("tried %s", got)
	}
}

// Each browser of the profiles is started once. The system browser is not, and neither
// is that of an invalid profile.
func TestEachBrowserIsStarted(t *testing.T) {
	named := func(path string, args ...string) func(*awsconfig.Profile) {
		return func(p *awsconfig.Profile) { p.BrowserPath, p.BrowserArgs = path, args }
	}
	system := func(p *awsconfig.Profile) { p.Browser, p.BrowserPath = "system", "/nowhere/system" }
	w := with(
		answer{}, named("/nowhere/a"), named("/nowhere/a"), named("/nowhere/b"), system, named("/nowhere/a", "-x"),
		named("/nowhere/broken"),
	)
	w.Profiles[5].Err = errors.New("no such store")
	expect(t, "all", browserStarts(t.Context(), w), "problem /nowhere/a", "problem /nowhere/b", "problem /nowhere/a")
	w.Profiles = w.Profiles[3:4]
	expect(t, "the system browser", browserStarts(t.Context(), w), "skipped your own browser")
	w.Profiles, w.Default = nil, awsconfig.Profile{BrowserPath: "/nowhere/default"}
	expect(t, "no profile", browserStarts(t.Context(), w), "problem /nowhere/default")
	w.Env = func(string) string { return "" }
	t.Setenv("PATH", t.TempDir())
	w.Default = awsconfig.Profile{Browser: "none"}
	for _, f := range browserStarts(t.Context(), w) {
		if f.Status == Fail {
			t.Errorf("without a browser: got %+v, want a warning", f)
		}
	}
}

// Findings that differ in any respect are all reported.
func TestSays(t *testing.T) {
	f := Finding{Check: "a", Status: Fail, Detail: "x"}
	for _, other := range []Finding{{Check: "b", Status: Fail, Detail: "x"}, {Check: "a", Status: Warn, Detail: "x"}, {Check: "a", Status: Fail, Detail: "y"}} {
		if f.says(other) || !f.says(f) {
			t.Errorf("%v is %v", f, other)
		}
	}
}
