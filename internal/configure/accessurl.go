package configure

import (
	"net/url"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
)

// AccessURL holds the parts of a "user access URL" of My Apps.
type AccessURL struct {
	TenantID string // "" if the URL has none
	AppID    string // GUID of the application
}

var accessHosts = []string{
	"myapps.microsoft.com", "launcher.myapps.microsoft.com", "account.activedirectory.windowsazure.com",
}

// ParseAccessURL parses the link of an application on My Apps:
// https://myapps.microsoft.com/signin/NAME/APP?tenantId=TENANT, or one of its newer
// and older forms.
// Source: learn.microsoft.com/entra/identity/enterprise-apps/end-user-experiences
func ParseAccessURL(address string) (AccessURL, error) {
	bad := func(why string) (AccessURL, error) {
		return AccessURL{}, fault.Newf(fault.Config, "not a user access URL of My Apps: %s", why).
			Hint("on myapps.microsoft.com, open the menu of the AWS tile and copy its link, e.g. " +
				"https://myapps.microsoft.com/signin/AWS/GUID?tenantId=GUID")
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
