package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	org "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
)

// The steps of an organization.
const (
	StepTrustedAccess engine.ID = "aws/organization/trusted-access"
	StepScan          engine.ID = "aws/organization/scan"
	StepStackSet      engine.ID = "aws/organization/stack-set"
	StepInstances     engine.ID = "aws/organization/accounts"
	StepMembers       engine.ID = "aws/organization/roles"
)

// inOrganization holds what the steps of an organization share: one stack set
// replaces a loop over the accounts, and AWS deploys it to accounts that join
// later.
type inOrganization struct {
	clients *Clients
	spec    *spec.Spec
	org     spec.Organization // of one target
}

// roles returns the roles of the target.
func (o inOrganization) roles() []spec.Role { return o.spec.RolesNamed(o.org.Roles) }

// StackSetStep returns the ID of the stack set of a target.
func StackSetStep(o spec.Organization) engine.ID { return inOrganization{org: o}.id(StepStackSet) }

// InstancesStep returns the ID of the stacks of a target.
func InstancesStep(o spec.Organization) engine.ID { return inOrganization{org: o}.id(StepInstances) }

// id returns the ID of a step of the target.
func (o inOrganization) id(step engine.ID) engine.ID {
	if o.org.Target == "" {
		return step
	}
	return step + engine.ID("/"+o.org.Target)
}

const organization = "organization"

func (o inOrganization) steps() []engine.Step {
	if o.org.ScanRole == "" {
		return []engine.Step{o.stackSetStep(), o.instancesStep()}
	}
	return []engine.Step{o.scanStep(), o.stackSetStep(), o.instancesStep(), o.membersStep()}
}

// orgClients holds the clients of the organization's account.
type orgClients struct {
	cfn *cloudformation.Client
	org *organizations.Client
	sts *sts.Client
}

// enter returns the clients of the organization after checking that it has the
// units of the spec: another organization may have a stack set of that name.
func (o inOrganization) enter(ctx context.Context) (orgClients, error) {
	clients, err := o.use(ctx)
	if err != nil {
		return orgClients{}, err
	}
	o.clients.proof.Lock()
	defer o.clients.proof.Unlock()
	for _, unit := range o.org.Units {
		proved := o.org.Profile + " " + unit
		if slices.Contains(o.clients.units, proved) {
			continue
		}
		if err := hasUnit(ctx, clients.org, unit); err != nil {
			return orgClients{}, err
		}
		o.clients.units = append(o.clients.units, proved)
	}
	return clients, nil
}

func hasUnit(ctx context.Context, client *organizations.Client, unit string) error {
	_, err := client.ListOrganizationalUnitsForParent(
		ctx,
		&organizations.ListOrganizationalUnitsForParentInput{ParentId: aws.String(unit), MaxResults: aws.Int32(1)},
	)
	if code(err) == "ParentNotFoundException" {
		return fault.Newf(fault.Config, "the organization has no unit %s", unit).
			Hint("check organization.units and organization.profile in the spec")
	}
	return err
}

func (o inOrganization) use(ctx context.Context) (orgClients, error) {
	cfg, err := o.clients.profile(ctx, o.spec, o.org.Profile)
	if err != nil {
		return orgClients{}, err
	}
	return orgClients{
		cfn: cloudformation.NewFromConfig(
			cfg, func(c *cloudformation.Options) { c.Region = o.org.Region },
		),
		org: organizations.NewFromConfig(cfg),
		sts: sts.NewFromConfig(cfg),
	}, nil
}

// callAs returns the role in the organization that calls are made in.
func (o inOrganization) callAs() cfn.CallAs {
	if o.org.Delegated {
		return cfn.CallAsDelegatedAdmin
	}
	return cfn.CallAsSelf
}

func (o inOrganization) looks(
	what string, look func(context.Context, *engine.World, orgClients) (engine.Finding, error),
) func(context.Context, *engine.World) (engine.Finding, error) {
	return func(ctx context.Context, w *engine.World) (engine.Finding, error) {
		clients, err := o.enter(ctx)
		var finding engine.Finding
		if err == nil {
			finding, err = look(ctx, w, clients)
		}
		if denied(err) {
			return refused(err, ""), nil
		}
		return finding, explain(ctx, err, what, "")
	}
}

func (o inOrganization) does(
	what string, do func(context.Context, *engine.World, orgClients) error,
) func(context.Context, *engine.World) error {
	return func(ctx context.Context, w *engine.World) error {
		clients, err := o.enter(ctx)
		if err == nil {
			err = do(ctx, w, clients)
		}
		if code(err) == "OperationInProgressException" {
			return engine.NotYet(explain(ctx, err, what, ""), "another operation of the stack set")
		}
		return explain(ctx, err, what, "")
	}
}

// accessStep returns the step that lets CloudFormation act in the accounts.
func (o inOrganization) accessStep() engine.Step {
	title := "trusted access of CloudFormation StackSets"
	s := engine.Step{
		ID: StepTrustedAccess, Group: organization, Title: title, After: []engine.ID{engine.StepSignIn},
		Why: "A service-managed stack set needs no roles in the accounts: the organization trusts CloudFormation. " +
			"Trusted access is enabled once, in the management account.",
		Permissions: allow("",
			"cloudformation:DescribeOrganizationsAccess",
			"organizations:ListOrganizationalUnitsForParent",
		),
		Manual: []string{
			"AWS console of the management account, CloudFormation, StackSets, Activate trusted access with AWS " +
				"Organizations.",
		},
		Command: "aws cloudformation activate-organizations-access",
		Waits:   "the organization to enable trusted access",
	}
	s.Check = o.looks(title, func(ctx context.Context, _ *engine.World, c orgClients) (engine.Finding, error) {
		access, err := c.cfn.DescribeOrganizationsAccess(
			ctx, &cloudformation.DescribeOrganizationsAccessInput{CallAs: o.callAs()},
		)
		if err != nil {
			return engine.Finding{}, err
		}
		if access.Status == cfn.OrganizationStatusEnabled {
			return engine.IsDone(), nil
		}
		if o.org.Delegated {
			return engine.IsForbidden(
				"", "trusted access of StackSets is disabled, and only the management account can enable it",
				"in the management account: aws cloudformation activate-organizations-access",
			), nil
		}
		return engine.IsMissing(engine.Change{Attribute: "trusted access", Have: strings.ToLower(string(access.Status)), Want: "enabled"}), nil
	})
	if !o.org.Delegated {
		s.Permissions = append(
			s.Permissions, engine.Permission{Action: "cloudformation:ActivateOrganizationsAccess"},
			engine.Permission{Action: "organizations:EnableAWSServiceAccess"}, engine.Permission{Action: "iam:CreateServiceLinkedRole"},
		)
		s.Apply = o.does(title, func(ctx context.Context, _ *engine.World, c orgClients) error {
			_, err := c.cfn.ActivateOrganizationsAccess(ctx, &cloudformation.ActivateOrganizationsAccessInput{})
			return err
		})
	}
	return s
}

// member is an account of the organization that the spec sets up.
type member struct{ id, name string }

// members returns the active accounts of the units, and the management account,
// which stack sets never reach, or "".
func (o inOrganization) members(
	ctx context.Context, client *organizations.Client,
) (members []member, unreached string, err error) {
	described, err := client.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if err != nil {
		return nil, "", err
	}
	management := aws.ToString(described.Organization.MasterAccountId)
	var accounts []org.Account
	for _, unit := range o.org.Units {
		more, err := accountsUnder(ctx, client, unit)
		if err != nil {
			return nil, "", err
		}
		accounts = append(accounts, more...)
	}
	for _, a := range accounts {
		m := member{aws.ToString(a.Id), aws.ToString(a.Name)}
		active := a.State == org.AccountStateActive || a.State == "" && a.Status == org.AccountStatusActive
		switch {
		case !active || !o.selected(m.id) || slices.Contains(members, m):
		case m.id == management:
			unreached = m.id
		default:
			members = append(members, m)
		}
	}
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.id, b.id) })
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.id
	}
	o.spec.LearnMembers(o.org, ids)
	for _, other := range o.spec.Targets() {
		if other.StackSet == o.org.StackSet {
			continue
		}
		for _, id := range o.spec.Members(other) {
			if slices.Contains(ids, id) {
				return nil, "", fault.Newf(
					fault.Config, "account %s is in the targets %s and %s of the organization",
					id, other.Target, o.org.Target,
				).Hint("exclude it from one of them")
			}
		}
	}
	return members, unreached, nil
}

// LearnMembers looks up the accounts of the spec's units for the tenant's side.
func (c *Clients) LearnMembers(ctx context.Context, s *spec.Spec) error {
	for _, target := range s.Targets() {
		o := inOrganization{c, s, target}
		clients, err := o.enter(ctx)
		if err == nil {
			_, _, err = o.members(ctx, clients.org)
		}
		if err != nil {
			return explain(ctx, err, "accounts of the organization", "")
		}
	}
	return nil
}

// selected reports whether the spec's filter selects an account.
func (o inOrganization) selected(account string) bool {
	only, exclude := o.org.Accounts, o.org.Exclude
	return (len(only) == 0 || slices.Contains(only, account)) && !slices.Contains(exclude, account)
}

// accountsUnder returns the accounts of a root or unit and of all units below.
// Pages may be empty without being the last.
func accountsUnder(ctx context.Context, client *organizations.Client, unit string) ([]org.Account, error) {
	var all []org.Account
	if strings.HasPrefix(unit, "r-") {
		pages := organizations.NewListAccountsPaginator(client, &organizations.ListAccountsInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			all = append(all, page.Accounts...)
		}
		return all, nil
	}
	pages := organizations.NewListAccountsForParentPaginator(
		client, &organizations.ListAccountsForParentInput{ParentId: aws.String(unit)},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Accounts...)
	}
	units := organizations.NewListOrganizationalUnitsForParentPaginator(
		client, &organizations.ListOrganizationalUnitsForParentInput{ParentId: aws.String(unit)},
	)
	for units.HasMorePages() {
		page, err := units.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, below := range page.OrganizationalUnits {
			more, err := accountsUnder(ctx, client, aws.ToString(below.Id))
			if err != nil {
				return nil, err
			}
			all = append(all, more...)
		}
	}
	return all, nil
}

// stackARN returns the resource of the set's calls in policies.
func (o inOrganization) stackARN(kind string) string {
	return fmt.Sprintf(
		"arn:%s:cloudformation:%s:*:%s/%s:*", o.spec.Partition, o.org.Region, kind,
		o.org.StackSet,
	)
}
