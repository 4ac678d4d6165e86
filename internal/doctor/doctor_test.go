package doctor

import (
	"cmp"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/broker"
	"github.com/o365aws/o365aws/internal/fault"
)

// answer is a site with the same response to every request.
type answer struct {
	date time.Time
	body string
	err  error
}

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	header := http.Header{"Date": {a.date.UTC().Format(http.TimeFormat)}}
	return &http.Response{
		StatusCode: 200, Header: header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r,
	}, nil
}

func world(a answer) World {
	p := awsconfig.Profile{
		Name: "work", TenantID: "contoso.example", AppIDURI: "https://signin.aws.amazon.com/saml",
		Cloud: "global", Store: "keychain",
	}
	return World{
		Now: time.Now, Random: strings.NewReader(strings.Repeat("x", 1000)), Client: &http.Client{Transport: a},
		Profiles: []awsconfig.Loaded{{Profile: p}}, Env: func(string) string { return "" },
		StoreKind: func(p awsconfig.Profile) string { return p.Store }, GOOS: "linux",
		Broker: func(context.Context) (broker.State, error) {
			return broker.State{}, &broker.Error{Reason: broker.NotInstalled}
		},
		STSEndpoint: func(context.Context, awsconfig.Profile) (string, error) {
			return "https://sts.eu-central-1.amazonaws.com", nil
		},
	}
}

func statuses(found []Finding) string {
	var list []string
	for _, f := range found {
		list = append(list, string(f.Status))
	}
	return strings.Join(list, " ")
}

func TestSignInSite(t *testing.T) {
	page := func(code string) string {
		return `$Config={"iErrorCode":` + code + `,"strServiceExceptionMessage":"AADSTS` + code + `: no"};`
	}
	for _, c := range []struct {
		name string
		answer
		want, detail string
	}{
		{"all well", answer{date: time.Now(), body: "$Config={}"}, "ok ok", "accepts the application"},
		{"a slow clock", answer{date: time.Now().Add(10 * time.Minute), body: ""}, "ok problem", "off by -"},
		{"a fast clock", answer{date: time.Now().Add(-10 * time.Minute), body: ""}, "ok problem", "off by 1"},
		{"no such application", answer{date: time.Now(), body: page("700016")}, "problem ok", "AADSTS700016"},
		{"no such tenant", answer{date: time.Now(), body: page("90002")}, "problem ok", "AADSTS90002"},
		{"no network", answer{err: errors.New("no route to host")}, "problem", "no route to host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := signInSite(t.Context(), world(c.answer))
			if statuses(found) != c.want || !strings.Contains(fmt.Sprint(found), c.detail) {
				t.Errorf("got %v, want %s with %s", found, c.want, c.detail)
			}
		})
	}
}

// Each STS endpoint of the profiles is checked once.
func TestSTS(t *testing.T) {
	w := world(answer{date: time.Now()})
	one, other := w.Profiles[0], w.Profiles[0]
	one.Profile.Name, one.Profile.STSEndpoint = "one", "http://localhost:4566/sts"
	other.Profile.Name = "wrong"
	w.Profiles = append(w.Profiles, w.Profiles[0], one, other)
	w.STSEndpoint = func(_ context.Context, p awsconfig.Profile) (string, error) {
		if p.Name == "wrong" {
			return "", fault.New(fault.Config, "no AWS region", "check region")
		}
		return cmp.Or(p.STSEndpoint, "https://sts-fips.us-east-1.amazonaws.com"), nil
	}
	want := []Finding{
		ok("sts-fips.us-east-1.amazonaws.com responds"), ok("localhost:4566 responds"),
		fail("profile wrong: no AWS region", "check region"),
	}
	if found := stsReachable(t.Context(), w); !reflect.DeepEqual(found, want) {
		t.Errorf("%+v", found)
	}
	w.Client = &http.Client{Transport: answer{err: errors.New("no route to host")}}
	if found := stsReachable(t.Context(), w); statuses(found) != "problem problem problem" ||
		!strings.Contains(found[0].Detail, "cannot reach https://sts-fips.us-east-1.amazonaws.com: no route") {
		t.Errorf("%+v", found)
	}
	w.Client = &http.Client{Transport: answer{err: fmt.Errorf("tls: %w", x509.UnknownAuthorityError{})}}
	if found := stsReachable(t.Context(), w); !strings.Contains(strings.Join(found[0].Fixes, " "), "ca-certificates") {
		t.Errorf("%+v", found)
	}
}

// A store that hangs and one that is missing have different findings. Both are only
// warnings, because a sign-in works without a store.
func TestStores(t *testing.T) {
	for _, c := range []struct {
		err          error
		want, detail string
	}{
		{nil, "ok", "returns"}, {context.DeadlineExceeded, "warning", "does not respond"}, {errors.New("no bus"), "warning", "no bus"},
	} {
		t.Run(fmt.Sprint(c.err), func(t *testing.T) {
			w := world(answer{})
			w.TryStore = func(context.Context, awsconfig.Profile) error { return c.err }
			found := secrets(t.Context(), w)
			if statuses(found) != c.want || !strings.Contains(fmt.Sprint(found), c.detail) {
				t.Errorf("got %v, want %s with %s", found, c.want, c.detail)
			}
		})
	}
}

// A finding that two profiles share is reported once.
func TestFindingsAreUnique(t *testing.T) {
	w := world(answer{err: errors.New("no route to host")})
	other := w.Profiles[0]
	other.Profile.Name, other.Profile.TenantID = "other", "other.example"
	w.Profiles, w.TryStore = append(w.Profiles, other), func(context.Context, awsconfig.Profile) error { return nil }
	w.Profiles[0].Profile.BrowserPath, w.Profiles[1].Profile.BrowserPath = "/nowhere", "/nowhere"
	seen := map[string]bool{}
	for _, f := range Examine(t.Context(), w) {
		if key := f.Check + f.Detail; seen[key] {
			t.Errorf("twice: %+v", f)
		} else {
			seen[key] = true
		}
	}
}

// Each problem and warning has a fix.
func TestFindingsHaveFixes(t *testing.T) {
	w := world(answer{err: errors.New("down")})
	w.Paths = awsconfig.Paths{
		Config: t.TempDir() + "/config", Credentials: t.TempDir() + "/credentials", Home: t.TempDir(),
	}
	w.Profiles[0].Profile.BrowserPath = "/nowhere/chrome"
	w.TryStore = func(context.Context, awsconfig.Profile) error { return errors.New("no bus") }
	w.Profiles[0].Profile.PasswordCommand = "no-such-program-here"
	found := Examine(t.Context(), w)
	if len(found) < len(Checks) {
		t.Errorf("%d findings of %d checks", len(found), len(Checks))
	}
	for _, f := range found {
		if f.Check == "" || (f.Status == Fail || f.Status == Warn) && len(f.Fixes) == 0 {
			t.Errorf("%+v", f)
		}
	}
}

// If a proxy does not respond, the fix is not to set one.
func TestDeadProxy(t *testing.T) {
	w := World{Proxy: "http://127.0.0.1:1"}
	f := unreachable(w, "sts.amazonaws.com", errors.New("connection refused"))
	want := "cannot reach sts.amazonaws.com through the proxy http://127.0.0.1:1: connection refused"
	if fixes := strings.Join(f.Fixes, "\n"); f.Detail != want || strings.Contains(fixes, "set HTTPS_PROXY, and") ||
		!strings.Contains(fixes, "check that the proxy is running") {
		t.Errorf("got %+v, want %q", f, want)
	}
}

// A company's authority that only the system trusts, and variables that are not read, are
// reported unless there is a CA bundle.
func TestAuthorities(t *testing.T) {
	root := func(organization string) fetched {
		return fetched{root: &x509.Certificate{Subject: pkix.Name{Organization: []string{organization}}}}
	}
	env := func(name, value string) World {
		w := world(answer{})
		w.Env = func(n string) string { return map[string]string{name: value}[n] }
		return w
	}
	expect(t, "DigiCert", inspected(world(answer{}), root("DigiCert Inc")))
	expect(t, "without TLS", inspected(world(answer{}), fetched{}))
	expect(t, "company", inspected(world(answer{}), root("Contoso")), "warning O=Contoso")
	expect(t, "company with a bundle", inspected(env("AWS_CA_BUNDLE", "/ca.pem"), root("Contoso")))
	expect(t, "no variable", network(t.Context(), world(answer{})), "ok no proxy")
	expect(t, "bundle", network(t.Context(), env("AWS_CA_BUNDLE", "/ca.pem")), "ok trusting /ca.pem")
	for _, name := range []string{"REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"} {
		expect(
			t,
			name,
			network(t.Context(), env(name, "/ca.pem")),
			"ok no proxy",
			"warning set AWS_CA_BUNDLE to /ca.pem",
		)
	}
	w := world(answer{})
	w.Profiles[0].Profile.CABundle = "/profile.pem"
	expect(t, "bundle of a profile", network(t.Context(), w), "ok trusting /profile.pem")
}
