package spec

import (
	"slices"
	"strings"
)

// ProviderARN returns the ARN of the provider in an account.
func (s *Spec) ProviderARN(account string) string {
	return "arn:" + s.Partition + ":iam::" + account + ":saml-provider/" + s.Provider.Name
}

// RoleARN returns the ARN of a role in an account.
func (s *Spec) RoleARN(account string, r Role) string {
	return "arn:" + s.Partition + ":iam::" + account + ":role" + r.Path + r.Name
}

// RoleValue returns the pair of ARNs of a role in the assertion, which is the
// value of its app role in Entra.
func (s *Spec) RoleValue(account string, r Role) string {
	return s.RoleARN(account, r) + "," + s.ProviderARN(account)
}

// PolicyARN returns the ARN of a managed policy. A name is that of an AWS
// managed policy; {account} in an ARN is replaced.
func (s *Spec) PolicyARN(account, policy string) string {
	if strings.HasPrefix(policy, "arn:") {
		return strings.ReplaceAll(policy, "{account}", account)
	}
	return "arn:" + s.Partition + ":iam::aws:policy/" + policy
}

// InlinePolicy returns an inline policy for an account as JSON.
func (s *Spec) InlinePolicy(account string, p Policy) string {
	return p.Replace(AccountPlaceholder, account).Replace(PartitionPlaceholder, s.Partition).JSON()
}

// DirectAccounts returns the accounts that are set up by direct calls: the list,
// and the management account of an organization.
func (s *Spec) DirectAccounts() []Account {
	accounts := s.Accounts
	if s.Organization != nil && s.Organization.Management != nil {
		accounts = append(accounts[:len(accounts):len(accounts)], *s.Organization.Management)
	}
	return accounts
}

// RolesIn returns the roles of an account.
func (s *Spec) RolesIn(account string) []Role {
	for _, a := range s.DirectAccounts() {
		if a.ID == account {
			return s.rolesNamed(a.Roles)
		}
	}
	return s.OrganizationRoles()
}

// OrganizationRoles returns the roles of the accounts of the organization.
func (s *Spec) OrganizationRoles() []Role {
	if s.Organization == nil {
		return s.Roles
	}
	return s.rolesNamed(s.Organization.Roles)
}

// rolesNamed returns some of the roles, or all of them.
func (s *Spec) rolesNamed(names []string) []Role {
	if len(names) == 0 {
		return s.Roles
	}
	var roles []Role
	for _, r := range s.Roles {
		if slices.Contains(names, r.Name) {
			roles = append(roles, r)
		}
	}
	return roles
}

// LearnMembers stores the accounts of the organization's units.
func (s *Spec) LearnMembers(ids []string) { s.members.Store(&ids) }

// memberIDs returns the accounts of the organization that are known so far.
func (s *Spec) memberIDs() []string {
	if ids := s.members.Load(); ids != nil {
		return *ids
	}
	return nil
}

// StackName returns a spec's name with the characters that CloudFormation accepts.
func StackName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, name)
}

// TagKey is the key of the tag on all that o365aws creates in AWS; its value is
// the spec's name. destroy deletes resources with this tag only.
const TagKey = "o365aws"

// RoleValues returns the values of the spec's roles in every account.
func (s *Spec) RoleValues() []string {
	var values []string
	for _, account := range s.accountIDs() {
		for _, r := range s.RolesIn(account) {
			values = append(values, s.RoleValue(account, r))
		}
	}
	return values
}

// accountIDs returns the accounts that the spec names, and those of the
// organization's units as far as they are known.
func (s *Spec) accountIDs() []string {
	var ids []string
	for _, a := range s.DirectAccounts() {
		ids = append(ids, a.ID)
	}
	if s.Organization != nil {
		for _, id := range append(slices.Clone(s.Organization.Accounts), s.memberIDs()...) {
			if !slices.Contains(ids, id) && !slices.Contains(s.Organization.Exclude, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// AssignedTo returns the role values that the spec assigns to a user by name.
func (s *Spec) AssignedTo(user string) []string {
	var values []string
	for _, a := range s.Assignments {
		if user != "" && strings.EqualFold(a.User, user) {
			values = append(values, s.ValuesOf(a)...)
		}
	}
	return values
}

// ValuesOf returns the role values of an assignment.
func (s *Spec) ValuesOf(a Assignment) []string {
	accounts := a.Accounts
	if len(accounts) == 0 {
		accounts = s.accountIDs()
	}
	var values []string
	for _, account := range accounts {
		for _, r := range s.RolesIn(account) {
			if slices.Contains(a.Roles, r.Name) {
				values = append(values, s.RoleValue(account, r))
			}
		}
	}
	return values
}
