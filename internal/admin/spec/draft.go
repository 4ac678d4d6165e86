package spec

import (
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// CheckTenant says whether a text can be the tenant of a draft.
func CheckTenant(text string) error {
	if !tenantName.MatchString(text) {
		return fault.Newf(fault.Config, "the tenant %q is neither a GUID nor a domain", text).
			Hint("e.g. example.onmicrosoft.com")
	}
	return nil
}

// CheckAccount says whether a text can be the account of a draft.
func CheckAccount(text string) error {
	if !IsAccountNumber(text) {
		return fault.Newf(fault.Config, "%q is not an AWS account number", text).
			Hint("it has 12 digits; the AWS console shows it under the name of the account, top right")
	}
	return nil
}

// Draft writes the spec of the blog post, with comments, for a tenant and an
// account.
func Draft(tenant, account string) []byte {
	return []byte(strings.NewReplacer("{TENANT}", tenant, "{ACCOUNT}", account, "{SCHEMA}", SchemaURL).Replace(draft))
}

const draft = `# yaml-language-server: $schema={SCHEMA}
#
# What o365aws admin sets up. As it stands it is the usual set-up of one
# account: o365aws admin plan says what it would do, apply does it, verify
# notices when somebody changed it, explain tells why and how by hand.

# The Entra tenant: one of its domains, or its GUID.
tenant: "{TENANT}"

# Name of this set-up. What is made in AWS is tagged o365aws=NAME.
name: office365

# The enterprise application in Entra; users see its name in My Apps.
application:
  name: AWS Single-Account Access
#  notification_emails: [admin@example.com]   # told before the certificate ends
#  claims:
#    session_duration: 8h                     # leave out: each role decides

# The SAML provider in IAM. Its metadata comes from the tenant, or from a file
# or an https URL: metadata: metadata.xml
provider:
  name: AzureAD
  metadata: tenant

# The roles to sign in to. A policy is the name of one of AWS's own, or an ARN;
# {account} in an ARN is the account that the role is in.
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

# AWS accounts. Several may be listed; or a whole organisation, see below.
accounts:
  - id: "{ACCOUNT}"
#    profile: work                            # of ~/.aws/config; else AWS_PROFILE
#    assume_role: OrganizationAccountAccessRole

#organization:
#  profile: management
#  units: [r-xxxx]                            # the root, or ou-... units
#  management: {id: "111122223333", profile: management}

# Where sign-ins may arrive besides the global endpoint.
#sign_in:
#  regions: [eu-central-1, us-east-1]
#  loopback: http://localhost:8365/saml       # sign-in in the system browser

# How Entra learns the roles. import: by an IAM user that may list roles, one
# account an application. merge: o365aws writes them, any number of accounts.
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

// Example is the spec of the blog post, for documents.
func Example() *Spec {
	s, err := Parse("o365aws.yaml", []byte("tenant: example.onmicrosoft.com\naccounts: [{id: '123456789012'}]\n"))
	if err != nil {
		panic(err) // a constant
	}
	return s
}
