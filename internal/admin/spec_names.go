package admin

import "strings"

// ProviderARN is the provider's name in an account.
func (s *Spec) ProviderARN(account string) string {
	return "arn:" + s.Partition + ":iam::" + account + ":saml-provider/" + s.Provider.Name
}

// RoleARN is a role's name in an account.
func (s *Spec) RoleARN(account string, r Role) string {
	return "arn:" + s.Partition + ":iam::" + account + ":role" + r.Path + r.Name
}

// RoleValue is what the assertion says of a role, and the value of its app
// role in Entra.
func (s *Spec) RoleValue(account string, r Role) string {
	return s.RoleARN(account, r) + "," + s.ProviderARN(account)
}

// PolicyARN is the ARN of a managed policy; a name is one of AWS's own. An
// ARN may say {account} for the account that the role is in.
func (s *Spec) PolicyARN(account, policy string) string {
	if strings.HasPrefix(policy, "arn:") {
		return strings.ReplaceAll(policy, "{account}", account)
	}
	return "arn:" + s.Partition + ":iam::aws:policy/" + policy
}

// DirectAccounts are the accounts that are set up by calls of our own: the
// list, and the management account of an organisation.
func (s *Spec) DirectAccounts() []Account {
	accounts := s.Accounts
	if s.Organization != nil && s.Organization.Management != nil {
		accounts = append(accounts[:len(accounts):len(accounts)], *s.Organization.Management)
	}
	return accounts
}

// knowMembers notes which accounts of the organisation the units hold.
func (s *Spec) knowMembers(members []member) {
	var ids []string
	for _, m := range members {
		ids = append(ids, m.id)
	}
	s.members.Store(&ids)
}

// memberIDs are the accounts of the organisation that are known so far.
func (s *Spec) memberIDs() []string {
	if ids := s.members.Load(); ids != nil {
		return *ids
	}
	return nil
}

// stackName makes a spec's name one that CloudFormation takes.
func stackName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, name)
}
