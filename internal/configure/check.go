// Package configure finds out what a profile must hold, from an e-mail address
// or from the settings of other tools and of a team, and plans the change to
// the config file. It decides what is written; awsconfig writes it.
package configure

import (
	"regexp"
	"strings"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/termtext"
)

var localPart = regexp.MustCompile(`^[^\s@"<>()\\,;:\[\]]+$`)

// CheckEmail returns the domain of an address, or says what is wrong with it.
func CheckEmail(email string) (string, error) {
	name, host, found := strings.Cut(email, "@")
	host = strings.ToLower(host)
	if !found || !localPart.MatchString(name) || !entra.IsDomain(host) {
		return "", fault.Newf(fault.Config, "%q is not an e-mail address", termtext.Printable(email, 200)).
			Hint("give the address that you sign in to Office 365 with, e.g. ada@contoso.com")
	}
	return host, nil
}

// CheckTenant takes a GUID or a domain, in lower case.
func CheckTenant(tenant string) (string, error) {
	tenant = strings.ToLower(tenant)
	if !entra.IsGUID(tenant) && !entra.IsDomain(tenant) {
		return "", fault.Newf(
			fault.Config, "%q is neither the GUID nor a domain of a tenant", termtext.Printable(tenant, 200),
		)
	}
	return tenant, nil
}
