package fakecloud

import (
	"net/http"
	"strings"
)

// GovDomain is a domain of the tenant in the US government cloud. The global cloud also
// knows it, and returns the endpoints of the government cloud.
const GovDomain = "gov.contoso.example"

// serveDiscovery describes the tenant.
// Source: learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
func (c *Cloud) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	tenant, host, cloud := strings.ToLower(r.PathValue("tenant")), hostOnly(r.Host), "microsoftonline.com"
	switch tenant {
	case TenantID, TenantDomain:
	case GovDomain:
		host, cloud = "login.microsoftonline.us", "microsoftonline.us"
	default:
		writeJSON(
			w, http.StatusBadRequest,
			fields{"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant '" + tenant + "' not found."},
		)
		return
	}
	base := "https://" + host + "/" + TenantID
	writeJSON(w, http.StatusOK, fields{
		"issuer": base + "/v2.0", "token_endpoint": base + "/oauth2/v2.0/token",
		"authorization_endpoint": base + "/oauth2/v2.0/authorize", "device_authorization_endpoint": base + "/oauth2/v2.0/devicecode",
		"tenant_region_scope": "EU", "cloud_instance_name": cloud,
	})
}

// serveRealm serves how the users of a domain sign in. Like Microsoft's endpoint, it
// responds with status 200 for an unregistered domain.
func (c *Cloud) serveRealm(w http.ResponseWriter, r *http.Request) {
	login := r.URL.Query().Get("login")
	_, domain, _ := strings.Cut(strings.ToLower(login), "@")
	answer := fields{"State": 4, "UserState": 1, "Login": login, "NameSpaceType": "Unknown"}
	user := c.user(login)
	switch {
	case r.URL.Query().Get("json") != "1":
		http.Error(w, "only JSON is played", http.StatusBadRequest)
		return
	case user != nil && user.Federated:
		answer["NameSpaceType"], answer["State"] = "Federated", 3
		answer["AuthURL"] = "https://" + ADFSHost + "/adfs/ls/?username=" + login + "&wa=wsignin1.0&wtrealm=urn%3afederation%3aMicrosoftOnline&wctx="
	case domain == TenantDomain, domain == GovDomain:
		answer["NameSpaceType"], answer["DomainName"], answer["CloudInstanceName"] = "Managed", domain, "microsoftonline.com"
	}
	writeJSON(w, http.StatusOK, answer)
}
