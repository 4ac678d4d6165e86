package spec

import (
	"cmp"
	"maps"
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
	return slices.DeleteFunc(s.listed(), func(a Account) bool { return a.Removed != "" })
}

// RemovedAccounts returns the accounts that the spec removes.
func (s *Spec) RemovedAccounts() []Account {
	return slices.DeleteFunc(s.listed(), func(a Account) bool { return a.Removed == "" })
}

func (s *Spec) listed() []Account {
	accounts := slices.Clone(s.Accounts)
	if o := s.Organization; o != nil && o.Management != nil {
		management := *o.Management
		management.Removed = cmp.Or(management.Removed, o.Removed)
		accounts = append(accounts, management)
	}
	return accounts
}

// Targets returns the parts of the organization, each with one stack set.
func (s *Spec) Targets() []Organization {
	o := s.Organization
	if o == nil || o.Removed != "" {
		return nil
	}
	return o.parts()
}

// RemovedTargets returns the parts of an organization that the spec removes.
func (s *Spec) RemovedTargets() []Organization {
	if o := s.Organization; o != nil && o.Removed != "" {
		return o.parts()
	}
	return nil
}

func (o *Organization) parts() []Organization {
	if len(o.Targets) == 0 {
		return []Organization{*o}
	}
	all := make([]Organization, len(o.Targets))
	for i, t := range o.Targets {
		all[i] = *o
		all[i].Target, all[i].StackSet = t.Name, o.StackSet+"-"+t.Name
		all[i].Units, all[i].Accounts, all[i].Exclude, all[i].Roles = t.Units, t.Accounts, t.Exclude, t.Roles
	}
	return all
}

// Root returns the id of the root of the organization, which every unit contains.
func (o Organization) Root() string {
	for _, unit := range o.Units {
		if parts := strings.Split(unit, "-"); len(parts) > 1 {
			return "r-" + parts[1]
		}
	}
	return ""
}

// Place is a location of resources of the setup: an account number, or
// REGION/NAME/ROOT of a stack set. The application records the places, so that they
// can be found after they have been removed from the spec.
type Place string

// Valid reports whether p is the place of an account or a stack set.
func (p Place) Valid() bool {
	_, ok := p.StackSet()
	return ok || IsAccountNumber(string(p))
}

// Place returns the place of the stack set.
func (o Organization) Place() Place { return Place(o.Region + "/" + o.StackSet + "/" + o.Root()) }

// StackSet returns the stack set of a place, with the settings that deleting it needs.
func (p Place) StackSet() (Organization, bool) {
	parts := strings.Split(string(p), "/")
	if len(parts) != 3 || !region.MatchString(parts[0]) || parts[1] == "" || !isUnit(parts[2]) {
		return Organization{}, false
	}
	yes := true
	return Organization{
		Region: parts[0], StackSet: parts[1], Units: []string{parts[2]}, AutoDeploy: &yes, MaxParallel: defaultParallel,
	}, true
}

// Places returns the places of the spec.
func (s *Spec) Places() []Place {
	var all []Place
	for _, a := range s.DirectAccounts() {
		all = append(all, Place(a.ID))
	}
	for _, o := range s.Targets() {
		all = append(all, o.Place())
	}
	return all
}

// RolesIn returns the roles of an account.
func (s *Spec) RolesIn(account string) []Role {
	for i := range s.Accounts {
		if a := &s.Accounts[i]; a.ID == account && a.Removed == "" {
			return s.RolesNamed(a.Roles)
		}
	}
	if o := s.Organization; o != nil && o.Management != nil && o.Management.ID == account {
		return s.RolesNamed(o.Management.Roles)
	}
	targets := s.Targets()
	for _, o := range targets {
		if len(targets) == 1 || slices.Contains(o.Accounts, account) || s.isMember(o, account) {
			return s.RolesNamed(o.Roles)
		}
	}
	return s.Roles
}

// RolesNamed returns some of the roles, or all of them.
func (s *Spec) RolesNamed(names []string) []Role {
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

// LearnMembers stores the accounts of a target's units.
func (s *Spec) LearnMembers(o Organization, ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.members == nil {
		s.members = map[string]map[string]bool{}
	}
	s.members[o.StackSet] = map[string]bool{}
	for _, id := range ids {
		s.members[o.StackSet][id] = true
	}
}

// isMember reports whether an account is known to be in a target.
func (s *Spec) isMember(o Organization, account string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.members[o.StackSet][account]
}

// Members returns the accounts of a target that are known so far.
func (s *Spec) Members(o Organization) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.members[o.StackSet]))
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
	for _, o := range s.Targets() {
		for _, id := range append(slices.Clone(o.Accounts), s.Members(o)...) {
			if !slices.Contains(ids, id) && !slices.Contains(o.Exclude, id) {
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
