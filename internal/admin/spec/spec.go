// Package spec reads o365aws.yaml, the file that describes the tenant and the
// AWS accounts to set up, and checks it before anything is written.
package spec

import (
	"strconv"
	"sync/atomic"
	"time"
)

// Spec is what an admin wants, as the file o365aws.yaml says it. The tags doc
// are the descriptions of the JSON schema.
type Spec struct {
	Name         string        `yaml:"name" doc:"Name of this set-up. What o365aws creates in AWS is tagged with it, and destroy asks for it." pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" form:"up to 64 letters, digits and ._-, the first a letter or a digit"`
	Tenant       string        `yaml:"tenant" doc:"Entra tenant: its GUID or one of its domains."`
	Cloud        string        `yaml:"cloud" doc:"Microsoft's cloud." enum:"global,usgov,usgov-dod,china"`
	Partition    string        `yaml:"partition" doc:"AWS partition." enum:"aws,aws-us-gov,aws-cn,aws-eusc"`
	Application  Application   `yaml:"application" doc:"The enterprise application in Entra."`
	SignIn       SignIn        `yaml:"sign_in" doc:"Where sign-ins arrive."`
	Provider     Provider      `yaml:"provider" doc:"The SAML provider in IAM."`
	Roles        []Role        `yaml:"roles" doc:"The roles to sign in to, the same in every account."`
	Accounts     []Account     `yaml:"accounts" doc:"AWS accounts that are set up by direct calls."`
	Organization *Organization `yaml:"organization" doc:"A whole AWS organisation, set up by CloudFormation StackSets."`
	Provisioning Provisioning  `yaml:"provisioning" doc:"How Entra learns the roles."`
	Assignments  []Assignment  `yaml:"assignments" doc:"Who may use which role."`

	positions positions
	file      string
	members   atomic.Pointer[[]string] // of the organisation, once they are known
}

// Application is the enterprise application of the tenant.
type Application struct {
	Name               string   `yaml:"name" doc:"Display name; users see it in My Apps."`
	Identifier         string   `yaml:"identifier" doc:"Identifier (Entity ID). A second application in a tenant needs a suffix: https://signin.aws.amazon.com/saml#2."`
	Claims             Claims   `yaml:"claims" doc:"Claims beyond the gallery application's own. Entra's portal can no longer edit claims once any is set."`
	NotificationEmails []string `yaml:"notification_emails" doc:"Who is told before the signing certificate ends."`
	Owners             []string `yaml:"owners" doc:"User principal names of owners of the application."`
	CertificateYears   int      `yaml:"certificate_years" doc:"How many years a new signing certificate lasts, 1 to 3."`
	Adopt              bool     `yaml:"adopt" doc:"Manage an existing application with this identifier."`
}

// Claims are what the assertion says besides role and session name.
type Claims struct {
	SessionDuration Duration          `yaml:"session_duration" doc:"Claim SessionDuration, 15m to 12h. It also shortens command line sessions; leave it out to let each role decide."`
	SourceIdentity  string            `yaml:"source_identity" doc:"User attribute sent as SourceIdentity, e.g. userprincipalname."`
	PrincipalTags   map[string]string `yaml:"principal_tags" doc:"Session tags: tag name to user attribute, e.g. CostCenter: department."`
}

// SignIn is where sign-ins arrive: reply URLs of the application, and SAML:aud
// of the trust policies.
type SignIn struct {
	Regions     []string `yaml:"regions" doc:"Regional AWS sign-in endpoints to allow besides the global one; AWS recommends several."`
	Loopback    string   `yaml:"loopback" doc:"Reply URL on this machine for sign-in in the system browser, e.g. http://localhost:8365/saml. Leave it out to forbid it."`
	OnlyRegions bool     `yaml:"only_regions" doc:"Leave out the global endpoint."`
}

// Provider is the SAML provider in IAM.
type Provider struct {
	Name     string            `yaml:"name" doc:"Name of the provider in IAM. Changing it creates a new one." pattern:"^[A-Za-z0-9_.-]{1,128}$" form:"up to 128 letters, digits and _.-"`
	Metadata string            `yaml:"metadata" doc:"Where the federation metadata comes from: tenant, a file, or an https URL."`
	Tags     map[string]string `yaml:"tags" doc:"Tags of the provider."`
	Adopt    bool              `yaml:"adopt" doc:"Manage an existing provider of this name."`
}

// Role is a role in IAM.
type Role struct {
	Name        string            `yaml:"name" doc:"Name of the role." pattern:"^[A-Za-z0-9_+=,.@-]{1,64}$" form:"up to 64 letters, digits and _+=,.@-"`
	Path        string            `yaml:"path" doc:"Path of the role, / when left out. A role cannot be moved." pattern:"^/([!-~]+/)?$" form:"/, or /FOLDER/ without spaces"`
	Description string            `yaml:"description" doc:"Description, at most 1000 characters."`
	Policies    []string          `yaml:"policies" doc:"Managed policies: the name of one of AWS's (AdministratorAccess, job-function/ViewOnlyAccess) or an ARN."`
	Inline      map[string]Policy `yaml:"inline" doc:"Inline policies by name: a policy document as YAML or as JSON text."`
	Session     Duration          `yaml:"session" doc:"Longest session, 1h to 12h."`
	Boundary    string            `yaml:"permissions_boundary" doc:"Managed policy that bounds the role: a name or an ARN."`
	Tags        map[string]string `yaml:"tags" doc:"Tags of the role."`
	Adopt       bool              `yaml:"adopt" doc:"Manage an existing role of this name."`
}

// Account is an AWS account set up by direct calls.
type Account struct {
	ID         string `yaml:"id" doc:"Account number, 12 digits, in quotes." pattern:"^[0-9]{12}$" form:"12 digits, in quotes"`
	Name       string `yaml:"name" doc:"Name for people."`
	Profile    string `yaml:"profile" doc:"Profile of the AWS config file to work with; without it the default credentials."`
	AssumeRole string `yaml:"assume_role" doc:"Role to assume in the account from there: an ARN, or a name such as OrganizationAccountAccessRole."`
	ExternalID string `yaml:"external_id" doc:"External id for assume_role."`
}

// Organization is a whole AWS organisation.
type Organization struct {
	Profile     string   `yaml:"profile" doc:"Profile of the AWS config file for the management account or the delegated admin."`
	Delegated   bool     `yaml:"delegated_admin" doc:"The profile is of a delegated administrator of StackSets, not of the management account."`
	Region      string   `yaml:"region" doc:"The one region in which the stacks live; IAM itself is global."`
	StackSet    string   `yaml:"stack_set" doc:"Name of the stack set." pattern:"^[A-Za-z][A-Za-z0-9-]{0,127}$" form:"up to 128 letters, digits and -, the first a letter"`
	Units       []string `yaml:"units" doc:"Organisational units, or the root (r-...): their accounts, and accounts that join them, are set up."`
	Accounts    []string `yaml:"accounts" doc:"Account numbers within the units to set up, instead of all of them."`
	Exclude     []string `yaml:"exclude" doc:"Account numbers within the units to leave out."`
	ScanRole    string   `yaml:"scan_role" doc:"Role by which accounts without a stack are looked into beforehand, e.g. OrganizationAccountAccessRole. Without it an account that has the provider already is found by the failure of its stack."`
	Management  *Account `yaml:"management" doc:"The management account, which stack sets never reach: set up by direct calls when it is given."`
	AutoDeploy  *bool    `yaml:"auto_deployment" doc:"Set up accounts that join later (true when left out)."`
	Retain      bool     `yaml:"retain_on_removal" doc:"Keep provider and roles of an account that leaves."`
	MaxParallel int      `yaml:"max_parallel_percent" doc:"Percentage of accounts worked on at a time, 1 to 100."`
	Tolerance   int      `yaml:"failure_tolerance_percent" doc:"Percentage of accounts that may fail before AWS stops, 0 to 100."`
	Bucket      string   `yaml:"template_bucket" doc:"S3 bucket for a template of more than 51,200 bytes."`
}

// Provisioning is how Entra learns the roles.
type Provisioning struct {
	Style string `yaml:"style" doc:"import: Entra lists the roles by an IAM user and its access key, one account an application. merge: o365aws writes the roles of all accounts into the application; no user, no key. none: by hand." enum:"import,merge,none"`
	User  string `yaml:"user" doc:"Name of the IAM user for import." pattern:"^[A-Za-z0-9_+=,.@-]{1,64}$" form:"up to 64 letters, digits and _+=,.@-"`
	Adopt bool   `yaml:"adopt" doc:"Manage an existing user of this name."`
}

// Assignment lets a user or a group use roles.
type Assignment struct {
	User     string   `yaml:"user" doc:"User principal name."`
	Group    string   `yaml:"group" doc:"Group: its name or object id."`
	Roles    []string `yaml:"roles" doc:"Names of roles."`
	Accounts []string `yaml:"accounts" doc:"Account numbers, all of them when left out."`
}

// The ways in which Entra learns the roles.
const (
	StyleImport = "import"
	StyleMerge  = "merge"
	StyleNone   = "none"
)

// MetadataTenant is the value of provider.metadata that means the tenant.
const MetadataTenant = "tenant"

// Duration is a time.Duration that a spec writes as 1h30m.
type Duration time.Duration

// Seconds returns d as AWS counts it.
func (d Duration) Seconds() int32 { return int32(time.Duration(d) / time.Second) }

// String writes d as a spec does.
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

// defaults fills in what the blog post would do.
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
			o.MaxParallel = 25
		}
	}
}

// defaultStyle is Entra's own import for one account, as in the post. It
// serves one account an application, and reaches no other partition: those are
// merged.
func (s *Spec) defaultStyle() string {
	if s.Organization != nil || len(s.Accounts) > 1 || s.Partition != "aws" {
		return StyleMerge
	}
	return StyleImport
}

// defaultRoles are the post's.
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
	return c.SessionDuration != 0 || c.SourceIdentity != "" || len(c.PrincipalTags) > 0
}
