// Package configure creates and changes profiles: from an e-mail address, from the
// settings of other tools, or from those that a team shares. It decides what to
// write; awsconfig writes it.
package configure

import (
	"regexp"
	"strings"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/termtext"
)

var localPart = regexp.MustCompile(`^[^\s@"<>()\\,;:\[\]]+$`)

// CheckEmail returns the domain of an e-mail address, or an error if it is invalid.
func CheckEmail(email string) (string, error) {
	name, host, found := strings.Cut(email, "@")
	host = strings.ToLower(host)
	if !found || !localPart.MatchString(name) || !entra.IsDomain(host) {
		return "", fault.Newf(fault.Config, "invalid e-mail address %q", termtext.Printable(email, 200)).
			Hint("use the address that you sign in to Office 365 with, e.g. ada@contoso.com")
	}
	return host, nil
}

// CheckTenant returns the GUID or domain of a tenant in lower case.
func CheckTenant(tenant string) (string, error) {
	tenant = strings.ToLower(tenant)
	if !entra.IsGUID(tenant) && !entra.IsDomain(tenant) {
		return "", fault.Newf(fault.Config, "invalid tenant %q", termtext.Printable(tenant, 200)).
			Hint("use its GUID or one of its domains, without quotes")
	}
	return tenant, nil
}
