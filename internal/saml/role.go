package saml

import (
	"fmt"
	"regexp"
	"strings"
)

// Role is a role that an assertion offers, and the identity provider that
// vouches for it.
type Role struct{ ARN, Provider string }

var (
	roleARN     = regexp.MustCompile(`^arn:(aws|aws-us-gov|aws-cn):iam::([0-9]{12}):role/([\x21-\x7e]{1,512}/)?([A-Za-z0-9_+=,.@-]{1,64})$`)
	providerARN = regexp.MustCompile(`^arn:(aws|aws-us-gov|aws-cn):iam::([0-9]{12}):saml-provider/([A-Za-z0-9._-]{1,128})$`)
)

// ParseRole reads a value of the Role attribute: the two ARNs in either
// order. Both must be of one account and partition.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
func ParseRole(value string) (Role, error) {
	first, second, ok := cutPair(value)
	if !ok {
		return Role{}, fmt.Errorf("role value is not a pair of ARNs")
	}
	if providerARN.MatchString(first) {
		first, second = second, first
	}
	role, provider := roleARN.FindStringSubmatch(first), providerARN.FindStringSubmatch(second)
	switch {
	case role == nil || provider == nil:
		return Role{}, fmt.Errorf("role value is not a role ARN and a provider ARN")
	case role[1] != provider[1] || role[2] != provider[2]:
		return Role{}, fmt.Errorf("role and provider are of different accounts")
	}
	return Role{ARN: first, Provider: second}, nil
}

// cutPair splits at the comma between the ARNs; a role's name may hold commas.
func cutPair(value string) (first, second string, ok bool) {
	value = strings.TrimSpace(value)
	for i, c := range value {
		if c == ',' && strings.HasPrefix(strings.TrimSpace(value[i+1:]), "arn:") {
			return strings.TrimSpace(value[:i]), strings.TrimSpace(value[i+1:]), true
		}
	}
	return "", "", false
}

// Partition returns the partition in the ARN: aws, aws-us-gov or aws-cn.
func (r Role) Partition() string { return r.part(1) }

// Account returns the 12-digit account number.
func (r Role) Account() string { return r.part(2) }

// Name returns the role's name without its path.
func (r Role) Name() string { return r.part(4) }

func (r Role) part(i int) string {
	if m := roleARN.FindStringSubmatch(r.ARN); m != nil {
		return m[i]
	}
	return ""
}
