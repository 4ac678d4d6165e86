// Package configure finds out what a profile must hold, from an e-mail address
// or from the settings of other tools and of a team, and plans the change to
// the config file. It decides what is written; awsconfig writes it.
package configure

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
)

// Tenant is what Microsoft tells anybody about the tenant of an address.
type Tenant struct {
	ID         string // GUID
	Domain     string // as it was asked for
	Cloud      entra.Cloud
	Federated  bool
	SignInHost string // of a federated tenant: where its passwords are asked
}

var (
	guid   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	domain = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)
	local  = regexp.MustCompile(`^[^\s@"<>()\\,;:\[\]]+$`)
)

// CheckEmail returns the domain of an address, or says what is wrong with it.
func CheckEmail(email string) (string, error) {
	name, host, found := strings.Cut(email, "@")
	host = strings.ToLower(host)
	if !found || !local.MatchString(name) || !domain.MatchString(host) {
		return "", fault.Newf(fault.Config, "%q is not an e-mail address", termtext.Printable(email, 200)).
			Hint("give the address that you sign in to Office 365 with, e.g. ada@contoso.com")
	}
	return host, nil
}

// CheckTenant takes a GUID or a domain, in lower case.
func CheckTenant(tenant string) (string, error) {
	tenant = strings.ToLower(tenant)
	if !guid.MatchString(tenant) && !domain.MatchString(tenant) {
		return "", fault.Newf(
			fault.Config, "%q is neither the GUID nor a domain of a tenant", termtext.Printable(tenant, 200),
		)
	}
	return tenant, nil
}

// Discover asks Microsoft, without signing in, for the tenant called name (a
// domain or a GUID) and, when there is an email, how its domain signs in. It
// tries the clouds in order until one has the tenant.
// Source: learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
func Discover(ctx context.Context, client *http.Client, clouds []entra.Cloud, name, email string) (Tenant, error) {
	for _, cloud := range clouds {
		t, err := lookUp(ctx, client, cloud, name)
		if err != nil || t.ID == "" {
			if err != nil {
				return Tenant{}, err
			}
			continue
		}
		if email != "" {
			t.Federated, t.SignInHost, err = realm(ctx, client, t.Cloud.LoginHost, email)
		}
		return t, err
	}
	return Tenant{}, fault.Newf(fault.Auth, "no Office 365 tenant has the domain %s (AADSTS90002)", termtext.Printable(name, 200)).
		Hint("check the spelling; if you sign in with another domain than that of your e-mail address, pass it by --tenant")
}

// lookUp returns the zero Tenant when this cloud has none of that name.
func lookUp(ctx context.Context, client *http.Client, cloud entra.Cloud, name string) (Tenant, error) {
	var document struct {
		Issuer        string `json:"issuer"`
		TokenEndpoint string `json:"token_endpoint"`
	}
	address := "https://" + cloud.LoginHost + "/" + url.PathEscape(name) + "/v2.0/.well-known/openid-configuration"
	status, err := get(ctx, client, address, &document)
	if err != nil || status == http.StatusBadRequest || status == http.StatusNotFound {
		return Tenant{}, err
	}
	t := Tenant{Domain: name, Cloud: cloud}
	for _, part := range strings.Split(document.Issuer, "/") {
		if guid.MatchString(part) {
			t.ID = strings.ToLower(part)
		}
	}
	if status != http.StatusOK || t.ID == "" {
		return Tenant{}, fault.Newf(
			fault.Network, "Microsoft's description of the tenant cannot be read (status %d)", status,
		)
	}
	// The global cloud knows the tenants of the others, and where they sign in.
	if u, err := url.Parse(document.TokenEndpoint); err == nil {
		if other, ok := entra.CloudByHost(u.Hostname()); ok {
			t.Cloud = other
		}
	}
	return t, nil
}

// realm asks how the users of a domain sign in.
func realm(
	ctx context.Context, client *http.Client, host, email string,
) (federated bool, signInHost string, err error) {
	var document struct{ NameSpaceType, AuthURL string }
	address := "https://" + host + "/getuserrealm.srf?" + url.Values{"login": {email}, "json": {"1"}}.Encode()
	status, err := get(ctx, client, address, &document)
	if err != nil || status != http.StatusOK || document.NameSpaceType != "Federated" {
		return false, "", err
	}
	u, err := url.Parse(document.AuthURL)
	if err != nil || u.Scheme != "https" || !domain.MatchString(strings.ToLower(u.Hostname())) {
		return true, "", nil
	}
	return true, strings.ToLower(u.Hostname()), nil
}

// maxDocument bounds what is read of an answer, in bytes.
const maxDocument = 1 << 20

func get(ctx context.Context, client *http.Client, address string, document any) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	response, err := client.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		var u *url.Error // its text would repeat the address, and with it the person's name
		if errors.As(err, &u) {
			err = u.Err
		}
		return 0, fault.Wrap(fault.Network, err, "Microsoft's sign-in could not be reached", fault.ReachAdvice)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return response.StatusCode, nil
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxDocument)).Decode(document); err != nil {
		return response.StatusCode, fault.Wrap(fault.Network, err, "Microsoft's answer cannot be read",
			"a proxy may have answered instead; open "+"https://"+r.URL.Host+" in a browser to see")
	}
	return response.StatusCode, nil
}
