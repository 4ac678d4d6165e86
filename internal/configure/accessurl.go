package configure

import (
	"net/url"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
)

// AccessURL is what a "user access URL" of My Apps holds.
type AccessURL struct {
	TenantID string // "" when the address names none
	AppID    string // GUID of the application
}

var accessHosts = []string{
	"myapps.microsoft.com", "launcher.myapps.microsoft.com", "account.activedirectory.windowsazure.com",
}

// ParseAccessURL reads the address that My Apps has for an application:
// https://myapps.microsoft.com/signin/NAME/APP?tenantId=TENANT, or its forms
// that are newer and older.
// Source: learn.microsoft.com/entra/identity/enterprise-apps/end-user-experiences
func ParseAccessURL(address string) (AccessURL, error) {
	bad := func(why string) (AccessURL, error) {
		return AccessURL{}, fault.Newf(fault.Config, "this is no user access URL of My Apps: %s", why).
			Hint("on myapps.microsoft.com, open the menu of the AWS tile and copy its link; it is like https://myapps.microsoft.com/signin/AWS/GUID?tenantId=GUID")
	}
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "https" || u.User != nil {
		return bad("it does not begin with https://")
	}
	if !slices.Contains(accessHosts, strings.ToLower(u.Host)) {
		return bad("its host is " + termtext.Printable(u.Host, 200))
	}
	found := AccessURL{}
	for _, part := range strings.Split(u.Path, "/") {
		if entra.IsGUID(part) {
			found.AppID = strings.ToLower(part)
		}
	}
	for name, values := range u.Query() {
		switch {
		case strings.EqualFold(name, "tenantId") && entra.IsGUID(values[0]):
			found.TenantID = strings.ToLower(values[0])
		case strings.EqualFold(name, "applicationId") && entra.IsGUID(values[0]):
			found.AppID = strings.ToLower(values[0])
		}
	}
	if found.AppID == "" {
		return bad("it names no application")
	}
	return found, nil
}
