package entra

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/termtext"
)

// Tenant holds public data about a tenant, which requires no sign-in.
type Tenant struct {
	ID         string // GUID in lower case
	Name       string // name that was looked up: the GUID or a domain
	Cloud      Cloud  // cloud where its users sign in
	Federated  bool   // its users sign in on a server of their company
	SignInHost string // host of that server; "" if unknown
}

var (
	guid = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	})
	domain = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)
	})
)

// IsGUID reports whether s is a GUID, such as a tenant or application ID.
func IsGUID(s string) bool { return guid().MatchString(s) }

// IsDomain reports whether s is a domain name with at least two labels.
func IsDomain(s string) bool { return domain().MatchString(strings.ToLower(s)) }

// TenantID returns the GUID of a tenant. name is the GUID or a domain.
func TenantID(ctx context.Context, client *http.Client, cloud Cloud, name string) (string, error) {
	if IsGUID(name) {
		return strings.ToLower(name), nil
	}
	tenant, found, err := findTenant(ctx, client, cloud, name)
	if err == nil && !found {
		err = tenantNotFound(name)
	}
	return tenant.ID, err
}

// FindTenant returns the tenant with the given name, a GUID or a domain, from the first
// cloud that has it. If email is not empty, the result includes where users of its domain
// sign in.
func FindTenant(ctx context.Context, client *http.Client, clouds []Cloud, name, email string) (Tenant, error) {
	for _, cloud := range clouds {
		tenant, found, err := findTenant(ctx, client, cloud, name)
		switch {
		case err != nil:
			return Tenant{}, err
		case !found:
			continue
		case email != "":
			tenant.Federated, tenant.SignInHost, err = findRealm(ctx, client, tenant.Cloud, email)
		}
		return tenant, err
	}
	return Tenant{}, tenantNotFound(name)
}

func tenantNotFound(name string) error {
	return fault.Newf(fault.Auth, "no Microsoft Entra tenant named %s (AADSTS90002)", termtext.Printable(name, 200)).
		Hint("check azure_tenant_id (or --tenant): the tenant's GUID, or a domain that its users sign in with")
}

// findTenant reads the OpenID configuration of a tenant. It returns false if this cloud
// has no tenant of that name.
// Source: learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
func findTenant(ctx context.Context, client *http.Client, cloud Cloud, name string) (Tenant, bool, error) {
	var document struct {
		Issuer        string `json:"issuer"`
		TokenEndpoint string `json:"token_endpoint"`
	}
	address := "https://" + cloud.LoginHost + "/" + url.PathEscape(name) + "/v2.0/.well-known/openid-configuration"
	status, err := getDocument(ctx, client, address, &document)
	if err != nil || status == http.StatusBadRequest || status == http.StatusNotFound {
		return Tenant{}, false, err
	}
	tenant := Tenant{Name: name, Cloud: cloud}
	for part := range strings.SplitSeq(document.Issuer, "/") {
		if IsGUID(part) {
			tenant.ID = strings.ToLower(part)
		}
	}
	if tenant.ID == "" {
		return Tenant{}, false, fault.Newf(fault.Network, "unexpected reply from %s about tenant %s (HTTP status %d)",
			cloud.LoginHost, termtext.Printable(name, 200), status)
	}
	// The global cloud also knows the tenants of the other clouds.
	if u, err := url.Parse(document.TokenEndpoint); err == nil {
		if other, ok := cloudByHost(u.Hostname()); ok {
			tenant.Cloud = other
		}
	}
	return tenant, true, nil
}

// findRealm looks up where the users of a domain sign in.
func findRealm(ctx context.Context, client *http.Client, cloud Cloud, email string) (bool, string, error) {
	var document struct{ NameSpaceType, AuthURL string }
	query := url.Values{"login": {email}, "json": {"1"}}
	address := "https://" + cloud.LoginHost + "/getuserrealm.srf?" + query.Encode()
	status, err := getDocument(ctx, client, address, &document)
	if err != nil || status != http.StatusOK || document.NameSpaceType != "Federated" {
		return false, "", err
	}
	u, err := url.Parse(document.AuthURL)
	if err != nil || u.Scheme != "https" || !IsDomain(u.Hostname()) {
		return true, "", nil
	}
	return true, strings.ToLower(u.Hostname()), nil
}

const (
	documentLimit = 20 * time.Second // a proxy may never respond
	maxDocument   = 1 << 20          // bytes
)

// getDocument reads a JSON document. It does not modify document unless the status is
// 200. Errors do not contain the address, which may include a user name.
func getDocument(ctx context.Context, client *http.Client, address string, document any) (status int, err error) {
	limited, cancel := context.WithTimeout(ctx, documentLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, http.MethodGet, address, nil)
	if err != nil {
		return 0, errors.New("malformed address of Microsoft's sign-in")
	}
	response, err := client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return 0, unreached(WithoutURL(err))
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return response.StatusCode, nil
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxDocument)).Decode(document); err != nil {
		return response.StatusCode, fault.Wrap(fault.Network, err, "cannot read the reply of Microsoft's sign-in",
			"a proxy may have answered instead: open https://"+request.URL.Host+" in a browser to check")
	}
	return response.StatusCode, nil
}
