package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/saml"
)

func network(_ context.Context, w World) []Finding {
	if w.ClientErr != nil {
		return []Finding{failed(w.ClientErr)}
	}
	detail := "no proxy"
	if w.Proxy != "" {
		detail = "by the proxy " + w.Proxy
	}
	if ca := w.Env("AWS_CA_BUNDLE"); ca != "" {
		detail += ", trusting " + ca
	}
	return []Finding{ok(detail)}
}

// skewed is how far the clock may be off before sign-ins fail.
const skewed = 2 * time.Minute

// signInSite asks Microsoft for each tenant and application of the profiles,
// without signing in.
func signInSite(ctx context.Context, w World) []Finding {
	if w.ClientErr != nil {
		return []Finding{skip("without a network")}
	}
	var found []Finding
	clock := false
	seen := map[string]bool{}
	for _, p := range w.ready() {
		key := p.Cloud + " " + p.TenantID + " " + p.AppIDURI
		if p.TenantID == "" || seen[key] {
			continue
		}
		seen[key] = true
		f, date := application(ctx, w, p)
		found = append(found, f)
		if !clock && !date.IsZero() {
			clock = true
			found = append(found, skew(w, date))
		}
	}
	if len(found) == 0 {
		found = append(found, skip("no profile names a tenant"))
	}
	return found
}

// serviceError is how Microsoft's page of an error names it.
var serviceError = regexp.MustCompile(`"strServiceExceptionMessage"\s*:\s*"AADSTS([0-9]+)`)

// application asks for the page that a sign-in would begin with: Microsoft
// says at once when it knows no such tenant or application.
func application(ctx context.Context, w World, p awsconfig.Profile) (Finding, time.Time) {
	cloud, known := entra.CloudByName(p.Cloud)
	if !known {
		return fail("o365aws_cloud "+p.Cloud+" is unknown", "it is global, usgov or china"), time.Time{}
	}
	request, err := saml.NewAuthnRequest(p.AppIDURI, saml.Home(p.Region, p.RoleARN, p.Cloud).ACS, w.Now(), w.Random)
	if err != nil {
		return failed(err), time.Time{}
	}
	address, err := request.URL(cloud.LoginHost, p.TenantID, "")
	if err != nil {
		return failed(err), time.Time{}
	}
	got, err := fetch(ctx, w.Client, address)
	if err != nil {
		return unreachable(cloud.LoginHost, err), time.Time{}
	}
	if m := serviceError.FindSubmatch(got.body); m != nil {
		f := failed(entra.Explain(string(m[1]), ""))
		f.Detail = "profile " + p.Name + ": " + f.Detail
		return f, got.date
	}
	if got.status != http.StatusOK {
		return fail(fmt.Sprintf("%s answers with status %d instead of its page", cloud.LoginHost, got.status),
			"a proxy may have answered instead; open https://"+cloud.LoginHost+" in a browser to see"), got.date
	}
	return ok(
		cloud.LoginHost + " has tenant " + p.TenantID + " and does not object to the application " + p.AppIDURI,
	), got.date
}

func skew(w World, date time.Time) Finding {
	off := w.Now().Sub(date)
	if off.Abs() <= skewed {
		return ok("the clock agrees with Microsoft's")
	}
	return fail(
		fmt.Sprintf("the clock of this machine is off by %s", off.Round(time.Second)),
		"set the clock: neither Microsoft nor AWS takes requests of another time",
	)
}

// stsReachable asks AWS STS for nothing where each profile's login would ask:
// any answer will do.
func stsReachable(ctx context.Context, w World) []Finding {
	if w.ClientErr != nil {
		return []Finding{skip("without a network")}
	}
	var found []Finding
	seen := map[string]bool{}
	for _, p := range w.ready() {
		endpoint, err := w.STSEndpoint(ctx, p)
		if err != nil {
			f := failed(err)
			f.Detail = "profile " + p.Name + ": " + f.Detail
			found = append(found, f)
			continue
		}
		if seen[endpoint] {
			continue
		}
		seen[endpoint] = true
		if _, err := fetch(ctx, w.Client, endpoint); err != nil {
			found = append(found, unreachable(endpoint, err))
			continue
		}
		found = append(found, ok(hostOf(endpoint)+" answers"))
	}
	return found
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}

func unreachable(host string, err error) Finding {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		return fail(host+" cannot be reached: "+err.Error(),
			"behind a company proxy that inspects TLS, set AWS_CA_BUNDLE (or ca_bundle in the profile)",
			"or this machine knows no authorities: install its ca-certificates")
	}
	return fail(
		host+" cannot be reached: "+err.Error(),
		"behind a company proxy, set HTTPS_PROXY, and AWS_CA_BUNDLE (or ca_bundle in the profile) if it inspects TLS",
		"check the network",
	)
}

// maxPage bounds what is read of a page, in bytes.
const maxPage = 1 << 20

// fetched is what a site has answered.
type fetched struct {
	status int
	date   time.Time // zero when it names none
	body   []byte
}

func fetch(ctx context.Context, client *http.Client, address string) (fetched, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fetched{}, err
	}
	response, err := client.Do(r)
	if err != nil {
		return fetched{}, err
	}
	defer func() { _ = response.Body.Close() }()
	date, _ := http.ParseTime(response.Header.Get("Date")) // zero with an error
	body, err := io.ReadAll(io.LimitReader(response.Body, maxPage))
	return fetched{response.StatusCode, date, body}, err
}
