package login

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
)

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// lookupLimit bounds the look-up of a tenant; a proxy may never answer.
const lookupLimit = 20 * time.Second

// tenantGUID returns the GUID of a tenant that is named by GUID or domain.
// Source: learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
func tenantGUID(ctx context.Context, client *http.Client, loginHost, tenant string) (string, error) {
	if guid.MatchString(tenant) {
		return strings.ToLower(tenant), nil
	}
	address := "https://" + loginHost + "/" + url.PathEscape(tenant) + "/v2.0/.well-known/openid-configuration"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", fault.Wrap(fault.Config, err, "azure_tenant_id is neither a GUID nor a domain")
	}
	limited, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	response, err := client.Do(request.WithContext(limited))
	if err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fault.Wrap(fault.Network, err, "Microsoft's sign-in could not be reached", fault.ReachAdvice)
	}
	defer func() { _ = response.Body.Close() }()
	var document struct {
		Issuer string `json:"issuer"`
	}
	if response.StatusCode == http.StatusBadRequest || response.StatusCode == http.StatusNotFound {
		return "", fault.Newf(fault.Auth, "sign-in refused: no tenant is called %s (AADSTS90002)", tenant).
			Hint("check azure_tenant_id")
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&document); err != nil {
		return "", fault.Wrap(
			fault.Network, err, fmt.Sprintf("Microsoft's description of tenant %s cannot be read", tenant),
			fault.ReachAdvice,
		)
	}
	for _, part := range strings.Split(document.Issuer, "/") {
		if guid.MatchString(part) {
			return strings.ToLower(part), nil
		}
	}
	return "", fault.Newf(fault.Network, "Microsoft's description of tenant %s names no tenant", tenant)
}
