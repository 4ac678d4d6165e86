package saml

import (
	"errors"
	"regexp"
	"strings"
)

// Role is a role that an assertion offers, and the identity provider that
// vouches for it. One that ParseRole returned is ASCII and safe to print.
type Role struct{ ARN, Provider string }

// providerARN is the shape of a provider's ARN.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
var providerARN = regexp.MustCompile(`^arn:(aws|aws-us-gov|aws-cn):iam::([0-9]{12}):saml-provider/([A-Za-z0-9._-]+)$`)

// maxProviderName is the longest name of a SAML provider. It is not part of the
// expression because a counted repetition is slow to compile.
const maxProviderName = 128

// comma matches the one between the ARNs: a role's name and path may hold
// commas of their own.
var comma = regexp.MustCompile(`,[ \t\r\n]*arn:`)

// ParseRole reads a value of the Role attribute: the two ARNs in either
// order. Both must be of one account and partition. Its errors do not repeat
// the value.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
func ParseRole(value string) (Role, error) {
	at := comma.FindAllStringIndex(value, -1)
	if len(at) != 1 {
		return Role{}, errors.New("not a pair of ARNs")
	}
	first, second := trim(value[:at[0][0]]), trim(value[at[0][0]+1:])
	if providerARN.MatchString(first) {
		first, second = second, first
	}
	role, ok := ParseRoleARN(first)
	provider := providerARN.FindStringSubmatch(second)
	switch {
	case !ok || provider == nil || len(provider[3]) > maxProviderName:
		return Role{}, errors.New("not the ARN of a role and the ARN of a SAML provider")
	case role.Partition != provider[1] || role.Account != provider[2]:
		return Role{}, errors.New("role and provider are of different accounts")
	}
	return Role{ARN: first, Provider: second}, nil
}

// trim takes off the white space of XML, and no other: an odd space is part of
// a malformed value.
func trim(s string) string { return strings.Trim(s, " \t\r\n") }

// Partition returns the partition in the ARN: aws, aws-us-gov or aws-cn; ""
// when the ARN is malformed.
func (r Role) Partition() string { return r.parsed().Partition }

// Account returns the 12-digit account number, "" when the ARN is malformed.
func (r Role) Account() string { return r.parsed().Account }

// Name returns the role's name without its path, "" when the ARN is malformed.
func (r Role) Name() string { return r.parsed().Name }

func (r Role) parsed() RoleARN {
	role, _ := ParseRoleARN(r.ARN)
	return role
}
