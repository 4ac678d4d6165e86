package saml

import (
	"errors"
	"strings"
)

// Role is a role in an assertion, with its identity provider. A Role returned by
// ParseRole is ASCII and safe to print.
type Role struct{ ARN, Provider string }

// ParseRole parses a value of the Role attribute: two ARNs in either order, of the same
// account and partition. Its errors do not quote the value.
// Source:
// docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
func ParseRole(value string) (Role, error) {
	first, second, ok := cutPair(value)
	if !ok {
		return Role{}, errors.New("not a pair of ARNs")
	}
	provider, isProvider := parseProviderARN(first)
	if isProvider {
		first, second = second, first
	} else {
		provider, isProvider = parseProviderARN(second)
	}
	role, isRole := ParseRoleARN(first)
	switch {
	case !isRole || !isProvider:
		return Role{}, errors.New("not the ARN of a role and the ARN of a SAML provider")
	case role.Partition != provider.Partition || role.Account != provider.Account:
		return Role{}, errors.New("role and provider belong to different accounts")
	}
	return Role{ARN: first, Provider: second}, nil
}

// cutPair splits a value at the only comma before an ARN. Names and paths may
// contain other commas.
func cutPair(value string) (first, second string, ok bool) {
	found := false
	for i := range len(value) {
		if value[i] != ',' || !strings.HasPrefix(strings.TrimLeft(value[i+1:], space), "arn:") {
			continue
		}
		if found {
			return "", "", false
		}
		first, second, found = trim(value[:i]), trim(value[i+1:]), true
	}
	return first, second, found
}

// space lists the XML white space characters.
const space = " \t\r\n"

// trim removes XML white space. Any other space makes a value malformed.
func trim(s string) string { return strings.Trim(s, space) }

// Partition returns the partition in the ARN, or "" if the ARN is malformed.
func (r Role) Partition() string { return r.parsed().Partition }

// Account returns the 12-digit account number, or "" if the ARN is malformed.
func (r Role) Account() string { return r.parsed().Account }

// Name returns the role's name without its path, or "" if the ARN is malformed.
func (r Role) Name() string { return r.parsed().Name }

func (r Role) parsed() RoleARN {
	role, _ := ParseRoleARN(r.ARN)
	return role
}
