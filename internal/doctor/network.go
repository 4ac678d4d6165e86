package doctor

import (
	"cmp"
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
		detail = "using the proxy " + w.Proxy
	}
	if ca := w.Env("AWS_CA_BUNDLE"); ca != "" {
		detail += ", trusting " + ca
	}
	return []Finding{ok(detail)}
}

// skewed is the clock difference from which sign-ins fail.
const skewed = 2 * time.Minute

// signInSite checks each tenant and application of the profiles with Microsoft,
// without signing in.
func signInSite(ctx context.Context, w World) []Finding {
	if w.ClientErr != nil {
		return []Finding{skip("no usable network configuration")}
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
		found = append(found, skip("no profile has a tenant"))
	}
	return found
}

// serviceError matches the error code on a Microsoft error page.
var serviceError = regexp.MustCompile(`"strServiceExceptionMessage"\s*:\s*"AADSTS([0-9]+)`)

// application loads the first page of a sign-in, which shows an error for an unknown
// tenant or application.
func application(ctx context.Context, w World, p awsconfig.Profile) (Finding, time.Time) {
	cloud, known := entra.CloudByName(p.Cloud)
	if !known {
		return fail("unknown o365aws_cloud "+p.Cloud, "use global, usgov or china"), time.Time{}
	}
	request, err := saml.NewAuthnRequest(
		p.AppIDURI, cmp.Or(p.ACSURL, saml.Home(p.Region, p.RoleARN, p.Cloud).ACS), w.Now(), w.Random,
	)
	if err != nil {
		return failed(err), time.Time{}
	}
	address, err := request.URL(cloud.LoginHost, p.TenantID, "")
	if err != nil {
		return failed(err), time.Time{}
	}
	got, err := fetch(ctx, w.Client, address)
	if err != nil {
		return unreachable(w, cloud.LoginHost, err), time.Time{}
	}
	if m := serviceError.FindSubmatch(got.body); m != nil {
		f := failed(entra.Explain(string(m[1]), ""))
		f.Detail = "profile " + p.Name + ": " + f.Detail
		return f, got.date
	}
	if got.status != http.StatusOK {
		return fail(fmt.Sprintf("%s responds with status %d instead of its sign-in page", cloud.LoginHost, got.status),
			"a proxy may have responded instead; open https://"+cloud.LoginHost+" in a browser to check"), got.date
	}
	return ok(
		cloud.LoginHost + " has tenant " + p.TenantID + " and accepts the application " + p.AppIDURI,
	), got.date
}

func skew(w World, date time.Time) Finding {
	off := w.Now().Sub(date)
	if off.Abs() <= skewed {
		return ok("the clock is accurate")
	}
	return fail(
		fmt.Sprintf("the clock of this machine is off by %s", off.Round(time.Second)),
		"set the clock: Microsoft and AWS reject requests with the wrong time",
	)
}

// stsReachable sends an empty request to the STS endpoint of each profile: any
// response is good.
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
			found = append(found, unreachable(w, endpoint, err))
			continue
		}
		found = append(found, ok(hostOf(endpoint)+" responds"))
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

func unreachable(w World, host string, err error) Finding {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		return fail("cannot reach "+host+": "+err.Error(),
			"behind a company proxy that inspects TLS, set AWS_CA_BUNDLE (or ca_bundle in the profile)",
			"if this machine has no CA certificates, install the package ca-certificates")
	}
	if w.Proxy != "" {
		return fail("cannot reach "+host+" through the proxy "+w.Proxy+": "+err.Error(),
			"check that the proxy is running and its address is correct (HTTPS_PROXY)",
			"if this network needs no proxy, unset HTTPS_PROXY, or exclude the host with NO_PROXY")
	}
	return fail(
		"cannot reach "+host+": "+err.Error(),
		"behind a company proxy, set HTTPS_PROXY, and AWS_CA_BUNDLE (or ca_bundle in the profile) if it inspects TLS",
		"check the network",
	)
}

// maxPage bounds the size of a page, in bytes.
const maxPage = 1 << 20

// fetched is the response of a site.
type fetched struct {
	status int
	date   time.Time // zero if it has none
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
