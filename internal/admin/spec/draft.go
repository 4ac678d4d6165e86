package spec

import (
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// CheckTenant returns an error unless text is a GUID or a domain.
func CheckTenant(text string) error {
	if !tenantName.MatchString(text) {
		return fault.Newf(fault.Config, "the tenant %q is neither a GUID nor a domain", text).
			Hint("e.g. example.onmicrosoft.com")
	}
	return nil
}

// CheckAccount returns an error unless text is an account number.
func CheckAccount(text string) error {
	if !IsAccountNumber(text) {
		return fault.Newf(fault.Config, "%q is not an AWS account number", text).
			Hint("it has 12 digits; the AWS console shows it under the name of the account, top right")
	}
	return nil
}

// Draft returns the default spec, with comments, for a tenant and an account.
func Draft(tenant, account string) []byte {
	return []byte(strings.NewReplacer("{TENANT}", tenant, "{ACCOUNT}", account, "{SCHEMA}", SchemaURL).Replace(draft))
}

const draft = `# yaml-language-server: $schema={SCHEMA}
#
# What o365aws admin sets up: by default, one account. o365aws admin plan shows
# what would change, apply applies it, verify detects drift, and explain
# describes every step and how to do it by hand.

# The Entra tenant: one of its domains, or its GUID.
tenant: "{TENANT}"

# Name of this setup. What it creates in AWS is tagged o365aws=NAME.
name: office365

# The enterprise application in Entra; users see its name in My Apps.
application:
  name: AWS Single-Account Access
#  notification_emails: [admin@example.com]   # notified before the certificate expires
#  claims:
#    session_duration: 8h                     # default: each role decides

# The SAML provider in IAM. Its metadata comes from the tenant, or from a file
# or an https URL: metadata: metadata.xml
provider:
  name: AzureAD
  metadata: tenant

# The roles that users sign in to. A policy is the name of an AWS managed policy,
# or an ARN; {account} in an ARN is replaced by the account of the role.
roles:
  - name: azure.admin
    policies: [AdministratorAccess]
    session: 1h                               # up to 12h
  - name: azure.reader
    policies: [job-function/ViewOnlyAccess]
    session: 1h
#  - name: azure.deploy
#    policies: ["arn:aws:iam::{account}:policy/Deploy"]
#    inline:
#      own-logs:
#        Statement: [{Effect: Allow, Action: "logs:*", Resource: "*"}]
#    session: 4h
#    tags: {team: platform}

# AWS accounts. List several, or use a whole organization, see below.
accounts:
  - id: "{ACCOUNT}"
#    profile: work                            # of ~/.aws/config; else AWS_PROFILE
#    assume_role: OrganizationAccountAccessRole

#organization:
#  profile: management
#  units: [r-xxxx]                            # the root, or ou-... units
#  management: {id: "111122223333", profile: management}

# Sign-in endpoints to allow in addition to the global one.
#sign_in:
#  regions: [eu-central-1, us-east-1]
#  loopback: http://localhost:8365/saml       # sign-in in the system browser

# How Entra learns the roles. import: with an IAM user that lists roles, for one
# account. merge: o365aws writes them, for any number of accounts.
provisioning:
  style: import
  user: AzureAAD

# Who may use which role.
#assignments:
#  - user: ada@example.com
#    roles: [azure.admin]
#  - group: Developers
#    roles: [azure.reader]
`

// Example returns the default spec with placeholder values, for documents.
func Example() *Spec {
	s, err := Parse("o365aws.yaml", []byte("tenant: example.onmicrosoft.com\naccounts: [{id: '123456789012'}]\n"))
	if err != nil {
		panic(err) // a constant
	}
	return s
}
