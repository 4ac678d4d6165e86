package login

import (
	"cmp"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
)

// rolesOfEncrypted returns the roles that can be requested with an encrypted assertion,
// which only AWS can read: the cached ones, and the requested one if its provider is
// known from the profile or the cache.
func (r resolved) rolesOfEncrypted() ([]saml.Role, error) {
	var roles []saml.Role
	providers := map[string]string{} // by account
	add := func(role, provider string) {
		if pair, err := saml.ParseRole(role + "," + provider); err == nil {
			providers[pair.Account()] = provider
			if !slices.ContainsFunc(roles, func(r saml.Role) bool { return r.ARN == pair.ARN }) {
				roles = append(roles, pair)
			}
		}
	}
	for _, e := range r.env.cache().All() {
		if e.Config == r.env.config() && e.Profile == r.Profile.Name {
			add(e.RoleARN, e.Provider)
		}
	}
	requested := cmp.Or(r.Role, r.Profile.RoleARN)
	add(requested, cmp.Or(r.Profile.ProviderARN, providers[saml.Role{ARN: requested}.Account()]))
	if len(roles) == 0 {
		return nil, fault.New(
			fault.Role, "the SAML response is encrypted: only AWS can read which roles you may assume",
			"set azure_default_role_arn to the ARN of the role and o365aws_provider_arn to the ARN of the SAML provider "+
				"(arn:aws:iam::ACCOUNT:saml-provider/NAME); your admin knows both",
		)
	}
	return roles, nil
}

// sessionName returns the name of the role session. If the assertion is encrypted, the
// name comes from the reply of STS.
func sessionName(a assertion, creds awscreds.Credentials) string {
	return cmp.Or(a.SessionName, creds.AssumedRoleARN[strings.LastIndexByte(creds.AssumedRoleARN, '/')+1:])
}
