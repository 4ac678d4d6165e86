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
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
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
	if ca := w.bundle(); ca != "" {
		return []Finding{ok(detail + ", trusting " + ca)}
	}
	found := []Finding{ok(detail)}
	for _, name := range []string{"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"} {
		if file := w.Env(name); file != "" {
			found = append(found, warn(name+" is set, which o365aws and the browser do not read",
				"if this network inspects TLS, set AWS_CA_BUNDLE to "+file))
		}
	}
	return found
}

// bundle returns the CA bundle, or "" if the system's authorities are trusted.
func (w World) bundle() string {
	for _, l := range w.Profiles {
		if l.Profile.CABundle != "" {
			return l.Profile.CABundle
		}
	}
	return w.Env("AWS_CA_BUNDLE")
}

// signers lists the organizations of the authorities that Microsoft's sign-in hosts use.
// Source: learn.microsoft.com/azure/security/fundamentals/azure-ca-details
var signers = []string{"DigiCert Inc", "Microsoft Corporation"}

// inspected returns a warning if the certificate of the sign-in site is from a company
// authority that only the system trusts. Chromium on Linux and Python use their own lists
// of authorities.
func inspected(w World, got fetched) []Finding {
	if got.root == nil || w.bundle() != "" || slices.ContainsFunc(got.root.Subject.Organization, func(o string) bool {
		return slices.Contains(signers, o)
	}) {
		return nil
	}
	tools := "the AWS CLI and boto3 do not trust"
	if w.GOOS == "linux" && w.Env("SSL_CERT_FILE") == "" {
		tools = "the browser, the AWS CLI and boto3 may not trust"
	}
	return []Finding{warn("this network inspects TLS: "+tools+" its certificate authority, "+got.root.Subject.String(),
		"set AWS_CA_BUNDLE to a PEM file with this authority, e.g. "+systemBundle())}
}

// systemBundle returns the file with the authorities of the system, or an example.
func systemBundle() string {
	for _, path := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return "one that your IT department provides"
}

// skewed is the clock difference above which sign-ins fail.
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
		f, got := application(ctx, w, p)
		found = append(found, f)
		if !clock && !got.date.IsZero() {
			clock = true
			found = append(append(found, skew(w, got.date)), inspected(w, got)...)
		}
	}
	if len(found) == 0 {
		found = append(found, skip("no profile has a tenant"))
	}
	return found
}

// serviceError matches the error code on a Microsoft error page.
var serviceError = regexp.MustCompile(`"strServiceExceptionMessage"\s*:\s*"AADSTS([0-9]+)`)

// application checks the tenant and the application of a profile.
func application(ctx context.Context, w World, p awsconfig.Profile) (Finding, fetched) {
	got, err := firstPage(ctx, w.Client, p, w.Now(), w.Random)
	var offline *url.Error
	switch {
	case err == nil:
		return ok(hostOfCloud(p) + " has tenant " + p.TenantID + " and accepts the application " + p.AppIDURI), got
	case errors.As(err, &offline):
		return unreachable(w, hostOfCloud(p), offline), got
	}
	f := failed(err)
	f.Detail = "profile " + p.Name + ": " + f.Detail
	return f, got
}

func hostOfCloud(p awsconfig.Profile) string {
	cloud, _ := entra.CloudByName(p.Cloud) // firstPage reports an unknown one
	return cloud.LoginHost
}

// CheckApplication returns an error if Microsoft does not know the tenant or the
// application of a profile. It does not sign in.
func CheckApplication(
	ctx context.Context, client *http.Client, p awsconfig.Profile, now time.Time, random io.Reader,
) error {
	_, err := firstPage(ctx, client, p, now, random)
	var offline *url.Error
	if errors.As(err, &offline) { // without its long URL
		return fault.Wrap(fault.Network, offline.Err, "cannot reach "+hostOfCloud(p), fault.ReachAdvice)
	}
	return err
}

// firstPage loads the first page of a sign-in, which shows an error for an unknown tenant
// or application.
func firstPage(
	ctx context.Context, client *http.Client, p awsconfig.Profile, now time.Time, random io.Reader,
) (fetched, error) {
	cloud, known := entra.CloudByName(p.Cloud)
	if !known {
		return fetched{}, fault.New(fault.Config, "unknown o365aws_cloud "+p.Cloud, "use global, usgov or china")
	}
	request, err := saml.NewAuthnRequest(
		p.AppIDURI, cmp.Or(p.ACSURL, saml.Home(p.Region, p.RoleARN, p.Cloud).ACS), now, random,
	)
	if err != nil {
		return fetched{}, err
	}
	address, err := request.URL(cloud.LoginHost, p.TenantID, "")
	if err != nil {
		return fetched{}, err
	}
	got, err := fetch(ctx, client, address)
	if err != nil {
		return fetched{}, err
	}
	if m := serviceError.FindSubmatch(got.body); m != nil {
		return got, entra.Explain(string(m[1]), "")
	}
	if got.status != http.StatusOK {
		return got, fault.Newf(fault.Network, "%s responds with status %d instead of its sign-in page", cloud.LoginHost,
			got.status).
			Hint("a proxy may have responded instead; open https://%s in a browser to check", cloud.LoginHost)
	}
	return got, nil
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

// maxPage is the maximum size of a page, in bytes.
const maxPage = 1 << 20

// fetched is the response of a site.
type fetched struct {
	status int
	date   time.Time // zero if the response has none
	body   []byte
	root   *x509.Certificate // root of its certificate chain; nil without TLS
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
	if err != nil {
		err = &url.Error{Op: "Get", URL: address, Err: err} // like a failed request
	}
	got := fetched{status: response.StatusCode, date: date, body: body}
	if t := response.TLS; t != nil && len(t.VerifiedChains) > 0 {
		chain := t.VerifiedChains[0]
		got.root = chain[len(chain)-1]
	}
	return got, err
}
