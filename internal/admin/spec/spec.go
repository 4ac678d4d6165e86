// Package spec reads o365aws.yaml, the file that describes the tenant and the
// AWS accounts to set up, and checks it before anything is written.
package spec

import (
	"strconv"
	"sync"
	"time"
)

// Spec is the content of o365aws.yaml. The doc tags are the descriptions of the
// JSON schema.
type Spec struct {
	Name         string        `yaml:"name" doc:"Name of this setup: the value of the tag o365aws in AWS. destroy asks for it." pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" form:"up to 64 letters, digits and ._-, the first a letter or a digit"`
	Tenant       string        `yaml:"tenant" doc:"Entra tenant: its GUID or one of its domains."`
	Cloud        string        `yaml:"cloud" doc:"Microsoft's cloud." enum:"global,usgov,usgov-dod,china"`
	Partition    string        `yaml:"partition" doc:"AWS partition." enum:"aws,aws-us-gov,aws-cn,aws-eusc"`
	Application  Application   `yaml:"application" doc:"The enterprise application in Entra."`
	SignIn       SignIn        `yaml:"sign_in" doc:"Sign-in endpoints."`
	Provider     Provider      `yaml:"provider" doc:"The SAML provider in IAM."`
	Roles        []Role        `yaml:"roles" doc:"Roles that users sign in to, in every account that does not select some."`
	Accounts     []Account     `yaml:"accounts" doc:"AWS accounts that are set up by direct calls."`
	Organization *Organization `yaml:"organization" doc:"A whole AWS organization, set up by CloudFormation StackSets."`
	Provisioning Provisioning  `yaml:"provisioning" doc:"How Entra learns the roles."`
	Assignments  []Assignment  `yaml:"assignments" doc:"Users and groups, and the roles assigned to them."`
	Exclusive    bool          `yaml:"exclusive_assignments" doc:"The list of assignments is complete: plan and verify report all others, and apply deletes them after a separate confirmation. Otherwise they cause a warning."`

	positions positions
	file      string
	mu        sync.Mutex
	members   map[string]map[string]bool // accounts of the targets by stack set, once they are known
}

// Application is the enterprise application of the tenant.
type Application struct {
	Name               string   `yaml:"name" doc:"Display name; users see it in My Apps."`
	Identifier         string   `yaml:"identifier" doc:"Identifier (Entity ID). A second application in a tenant needs a suffix: https://signin.aws.amazon.com/saml#2."`
	Claims             Claims   `yaml:"claims" doc:"Claims in addition to the defaults of the gallery application. Entra's portal can no longer edit claims once any is set."`
	NotificationEmails []string `yaml:"notification_emails" doc:"Addresses that Entra notifies before the signing certificate expires."`
	Owners             []string `yaml:"owners" doc:"User principal names of owners of the application."`
	CertificateYears   int      `yaml:"certificate_years" doc:"Validity of a new signing certificate in years, 1 to 3."`
	Adopt              bool     `yaml:"adopt" doc:"Manage an existing application with this identifier."`
}

// Claims are the claims of the assertion in addition to role and session name.
type Claims struct {
	SessionDuration Duration          `yaml:"session_duration" doc:"Claim SessionDuration, 15m to 12h. It also limits command line sessions; by default each role decides."`
	SourceIdentity  string            `yaml:"source_identity" doc:"User attribute sent as SourceIdentity, e.g. userprincipalname."`
	SessionName     string            `yaml:"session_name" doc:"User attribute sent as RoleSessionName instead of userprincipalname, e.g. mail or employeeid. AWS accepts 2 to 64 letters, digits and +=,.@-_, which user principal names of guests are not."`
	PrincipalTags   map[string]string `yaml:"principal_tags" doc:"Session tags: tag name to user attribute, e.g. CostCenter: department."`
	TransitiveTags  []string          `yaml:"transitive_tags" doc:"Name of the session tag that sessions keep when they assume another role. A claims policy of Entra can send only one."`
}

// SignIn holds the sign-in endpoints: reply URLs of the application, and SAML:aud
// of the trust policies.
type SignIn struct {
	Regions     []string `yaml:"regions" doc:"Regions with AWS sign-in endpoints to allow in addition to the global one; AWS recommends several."`
	Loopback    string   `yaml:"loopback" doc:"Reply URL on this machine for sign-in in the system browser, e.g. http://localhost:8365/saml. Not allowed by default."`
	OnlyRegions bool     `yaml:"only_regions" doc:"Do not allow the global endpoint."`
}

// Provider is the SAML provider in IAM.
type Provider struct {
	Name     string            `yaml:"name" doc:"Name of the provider in IAM. A new name creates a new provider." pattern:"^[A-Za-z0-9_.-]{1,128}$" form:"up to 128 letters, digits and _.-"`
	Metadata string            `yaml:"metadata" doc:"Source of the federation metadata: tenant, a file, or an https URL."`
	Tags     map[string]string `yaml:"tags" doc:"Tags of the provider."`
	Adopt    bool              `yaml:"adopt" doc:"Manage an existing provider of this name."`
}

// Role is a role in IAM.
type Role struct {
	Name        string            `yaml:"name" doc:"Name of the role." pattern:"^[A-Za-z0-9_+=,.@-]{1,64}$" form:"up to 64 letters, digits and _+=,.@-"`
	Path        string            `yaml:"path" doc:"Path of the role, / by default. The path of an existing role cannot be changed." pattern:"^/([!-~]+/)?$" form:"/, or /FOLDER/ without spaces"`
	Description string            `yaml:"description" doc:"Description, at most 1000 characters."`
	Policies    []string          `yaml:"policies" doc:"Managed policies: the name of an AWS managed policy (AdministratorAccess, job-function/ViewOnlyAccess) or an ARN."`
	Inline      map[string]Policy `yaml:"inline" doc:"Inline policies by name: a policy document as YAML or as JSON text. {account} and {partition} are replaced."`
	Session     Duration          `yaml:"session" doc:"Maximum session duration, 1h to 12h."`
	Trust       Trust             `yaml:"trust" doc:"Trust policy of the role, in addition to sign-ins of the provider."`
	Boundary    string            `yaml:"permissions_boundary" doc:"Managed policy that is the permissions boundary: a name or an ARN."`
	Tags        map[string]string `yaml:"tags" doc:"Tags of the role."`
	Adopt       bool              `yaml:"adopt" doc:"Manage an existing role of this name."`
}

// Account is an AWS account set up by direct calls.
type Account struct {
	ID         string `yaml:"id" doc:"Account number, 12 digits, in quotes." pattern:"^[0-9]{12}$" form:"12 digits, in quotes"`
	Name       string `yaml:"name" doc:"Display name."`
	Profile    string `yaml:"profile" doc:"Profile of the AWS config file; by default the default credentials."`
	AssumeRole string `yaml:"assume_role" doc:"Role to assume in the account with these credentials: an ARN, or a name such as OrganizationAccountAccessRole."`
	ExternalID string `yaml:"external_id" doc:"External id for assume_role."`

	Roles   []string `yaml:"roles" doc:"Names of the roles of the account; by default all."`
	Removed string   `yaml:"removed" doc:"Removes the account from the setup. delete: plan lists the resources of the setup in the account, and apply deletes them after confirmation. retain: they stay, for example in a closed account." enum:"delete,retain"`
}

// Organization is a whole AWS organization.
type Organization struct {
	Profile     string   `yaml:"profile" doc:"Profile of the AWS config file for the management account or the delegated admin."`
	Delegated   bool     `yaml:"delegated_admin" doc:"The profile is that of a delegated administrator of StackSets, not of the management account."`
	Region      string   `yaml:"region" doc:"Region of the stacks; IAM itself is global."`
	StackSet    string   `yaml:"stack_set" doc:"Name of the stack set." pattern:"^[A-Za-z][A-Za-z0-9-]{0,127}$" form:"up to 128 letters, digits and -, the first a letter"`
	Units       []string `yaml:"units" doc:"Organizational units, or the root (r-...): their accounts, and accounts that join them, are set up."`
	Accounts    []string `yaml:"accounts" doc:"Account numbers within the units to set up; by default all."`
	Roles       []string `yaml:"roles" doc:"Names of the roles of these accounts; by default all."`
	Exclude     []string `yaml:"exclude" doc:"Account numbers within the units to exclude."`
	ScanRole    string   `yaml:"scan_role" doc:"Role with which accounts without a stack are checked for conflicts beforehand, e.g. OrganizationAccountAccessRole. Without it a conflict shows as a failed stack."`
	Management  *Account `yaml:"management" doc:"The management account, which stack sets never reach: set up by direct calls if given."`
	AutoDeploy  *bool    `yaml:"auto_deployment" doc:"Set up accounts that join later (default true)."`
	Retain      bool     `yaml:"retain_on_removal" doc:"Keep provider and roles of an account that leaves."`
	MaxParallel int      `yaml:"max_parallel_percent" doc:"Percentage of accounts worked on at a time, 1 to 100."`
	Tolerance   int      `yaml:"failure_tolerance_percent" doc:"Percentage of accounts that may fail before AWS stops, 0 to 100."`
	Bucket      string   `yaml:"template_bucket" doc:"S3 bucket for templates of more than 51,200 bytes."`
	Targets     []Target `yaml:"targets" doc:"Parts of the organization with roles of their own, instead of units, accounts, exclude and roles."`
	Removed     string   `yaml:"removed" doc:"Removes the organization from the setup. delete: plan lists the stack sets, and apply deletes them after confirmation. retain: they stay." enum:"delete,retain"`

	Target string // name of the target, in what Targets returns
}

// The values of removed.
const (
	RemovedDelete = "delete"
	RemovedRetain = "retain"
)

// Target is a part of an organization. It has a stack set of its own.
type Target struct {
	Name     string   `yaml:"name" doc:"Name of the target: the end of the name of its stack set." pattern:"^[A-Za-z0-9-]{1,40}$" form:"up to 40 letters, digits and -"`
	Units    []string `yaml:"units" doc:"Organizational units, or the root (r-...)."`
	Accounts []string `yaml:"accounts" doc:"Account numbers within the units; by default all."`
	Exclude  []string `yaml:"exclude" doc:"Account numbers within the units to exclude."`
	Roles    []string `yaml:"roles" doc:"Names of the roles of these accounts; by default all."`
}

// Provisioning is how Entra learns the roles.
type Provisioning struct {
	Style string `yaml:"style" doc:"import: Entra lists the roles with an IAM user and its access key; one account for each application. merge: o365aws writes the roles of all accounts into the application, without user and key. none: by hand." enum:"import,merge,none"`
	User  string `yaml:"user" doc:"Name of the IAM user for import." pattern:"^[A-Za-z0-9_+=,.@-]{1,64}$" form:"up to 64 letters, digits and _+=,.@-"`
	Adopt bool   `yaml:"adopt" doc:"Manage an existing user of this name."`
}

// Assignment assigns roles to a user or a group.
type Assignment struct {
	User     string   `yaml:"user" doc:"User principal name."`
	Group    string   `yaml:"group" doc:"Group: name or object id."`
	Roles    []string `yaml:"roles" doc:"Names of roles."`
	Accounts []string `yaml:"accounts" doc:"Account numbers; by default all."`
}

// The ways in which Entra learns the roles.
const (
	StyleImport = "import"
	StyleMerge  = "merge"
	StyleNone   = "none"
)

// defaultParallel is the percentage of accounts that AWS works on at a time.
const defaultParallel = 25

// MetadataTenant is the value of provider.metadata that stands for the tenant.
const MetadataTenant = "tenant"

// Duration is a time.Duration, written as 1h30m.
type Duration time.Duration

// Seconds returns d in seconds.
func (d Duration) Seconds() int32 { return int32(time.Duration(d) / time.Second) }

// String returns d in the format of a spec.
func (d Duration) String() string {
	s := int(time.Duration(d) / time.Second)
	if s%3600 == 0 {
		return strconv.Itoa(s/3600) + "h"
	}
	if s%60 == 0 {
		return strconv.Itoa(s/60) + "m"
	}
	return strconv.Itoa(s) + "s"
}

// defaults sets the values that the file leaves out.
func (s *Spec) defaults() {
	set(&s.Name, "office365")
	set(&s.Cloud, "global")
	set(&s.Partition, "aws")
	set(&s.Application.Name, "AWS Single-Account Access")
	set(&s.Application.Identifier, PartitionOf(s.Partition).ACS)
	if s.Application.CertificateYears == 0 {
		s.Application.CertificateYears = 3
	}
	set(&s.Provider.Name, "AzureAD")
	set(&s.Provider.Metadata, MetadataTenant)
	set(&s.Provisioning.Style, s.defaultStyle())
	set(&s.Provisioning.User, "AzureAAD")
	if s.Roles == nil {
		s.Roles = defaultRoles()
	}
	for i := range s.Roles {
		set(&s.Roles[i].Path, "/")
		if s.Roles[i].Session == 0 {
			s.Roles[i].Session = Duration(time.Hour)
		}
	}
	if o := s.Organization; o != nil {
		set(&o.Region, PartitionOf(s.Partition).DefaultRegion)
		set(&o.StackSet, "o365aws-"+StackName(s.Name))
		if o.AutoDeploy == nil {
			yes := true
			o.AutoDeploy = &yes
		}
		if o.MaxParallel == 0 {
			o.MaxParallel = defaultParallel
		}
	}
}

// defaultStyle returns import for one account of the partition aws, which is all
// that Entra's import supports, and merge otherwise.
func (s *Spec) defaultStyle() string {
	if s.several() || s.Partition != "aws" {
		return StyleMerge
	}
	return StyleImport
}

// several reports whether the spec sets up more than one account.
func (s *Spec) several() bool {
	return s.Organization != nil && s.Organization.Removed == "" || len(s.DirectAccounts()) > 1
}

// defaultRoles returns the roles of a spec without any.
func defaultRoles() []Role {
	return []Role{
		{Name: "azure.admin", Policies: []string{"AdministratorAccess"}},
		{Name: "azure.reader", Policies: []string{"job-function/ViewOnlyAccess"}},
	}
}

func set(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// Used reports whether the spec sets any claim.
func (c Claims) Used() bool {
	return c.SessionDuration != 0 || c.SourceIdentity != "" || c.SessionName != "" || len(c.PrincipalTags) > 0
}
