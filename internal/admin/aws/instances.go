package aws

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// maxUnits is the number of units that a call accepts.
const maxUnits = 50

// instancesStep returns the step that deploys the set to the accounts.
func (o inOrganization) instancesStep() engine.Step {
	title := "provider and roles in the accounts of the units"
	if o.org.Target != "" {
		title = "provider and roles in the accounts of " + o.org.Target
	}
	return engine.Step{
		ID: InstancesStep(o.org), Group: organization, Title: title, After: []engine.ID{StackSetStep(o.org)},
		Why: "One call deploys the stack set to all current and future accounts of the units. StackSets never " +
			"deploy to the management account: direct calls set it up if the spec names it.",
		Permissions: []engine.Permission{
			{Action: "organizations:DescribeOrganization"},
			{Action: "organizations:ListAccounts"},
			{Action: "organizations:ListAccountsForParent"},
			{Action: "organizations:ListOrganizationalUnitsForParent"},
			{Action: "cloudformation:ListStackInstances", Resource: o.stackARN("stackset")},
			{Action: "cloudformation:UpdateStackSet", Resource: o.stackARN("stackset")},
			{Action: "cloudformation:CreateStackInstances", Resource: o.stackARN("stackset")},
			{Action: "cloudformation:CreateStackInstances", Resource: o.stackARN("stackset-target")},
			{Action: "cloudformation:DeleteStackInstances", Resource: o.stackARN("stackset")},
			{Action: "cloudformation:DeleteStackInstances", Resource: o.stackARN("stackset-target")},
		},
		Check:    o.looks(title, o.checkInstances),
		Apply:    o.does(title, o.applyInstances),
		Obsolete: o.obsoleteStacks,
		Waits:    "CloudFormation to show the stacks",
		Manual: []string{
			"The stack set, Add stacks to StackSet, Deploy to organizational units, region " + o.org.Region + ".",
		},
		Command: "aws cloudformation create-stack-instances --stack-set-name " + o.org.StackSet + " --deployment-targets OrganizationalUnitIds=UNIT --regions " + o.org.Region,
	}
}

// instances returns the stacks of the set by account.
func (o inOrganization) instances(
	ctx context.Context, client *cloudformation.Client,
) (map[string]cfn.StackInstanceSummary, error) {
	all := map[string]cfn.StackInstanceSummary{}
	pages := cloudformation.NewListStackInstancesPaginator(
		client,
		&cloudformation.ListStackInstancesInput{
			StackSetName: aws.String(o.org.StackSet), CallAs: o.callAs(),
		},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, i := range page.Summaries {
			all[aws.ToString(i.Account)] = i
		}
	}
	return all, nil
}

func (o inOrganization) checkInstances(ctx context.Context, _ *engine.World, c orgClients) (engine.Finding, error) {
	members, unreached, err := o.members(ctx, c.org)
	if err != nil {
		return engine.Finding{}, err
	}
	instances, err := o.instances(ctx, c.cfn)
	if err != nil && !isNoStackSet(err) {
		return engine.Finding{}, err
	}
	var changes []engine.Change
	for _, m := range members {
		if have := state(instances, m.id); have != current {
			changes = append(changes, engine.Change{Attribute: "account " + m.id + " (" + m.name + ")", Have: have, Want: current})
		}
	}
	f := engine.Compared(changes)
	if len(instances) == 0 && len(members) > 0 {
		f.Status = engine.Missing
	}
	if unreached != "" &&
		!slices.ContainsFunc(o.spec.DirectAccounts(), func(a spec.Account) bool { return a.ID == unreached }) {
		f.Warnings = append(
			f.Warnings,
			"stack sets never reach the management account "+unreached+": organization.management in the spec sets "+
				"it up, organization.exclude leaves it out",
		)
	}
	return f, nil
}

// obsoleteStacks returns the stacks in accounts that the spec no longer selects.
func (o inOrganization) obsoleteStacks(ctx context.Context, w *engine.World) ([]engine.Undo, error) {
	found, err := o.obsoleteStacksOf(ctx, w)
	return found, explain(ctx, err, "stacks of "+o.org.StackSet, "")
}

func (o inOrganization) obsoleteStacksOf(ctx context.Context, w *engine.World) ([]engine.Undo, error) {
	c, err := o.enter(ctx)
	if err != nil {
		return nil, err
	}
	have, err := o.stackSet(ctx, c.cfn)
	if err != nil || have == nil || !o.owned(have) {
		return nil, err
	}
	members, _, err := o.members(ctx, c.org)
	if err != nil {
		return nil, err
	}
	instances, err := o.instances(ctx, c.cfn)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		delete(instances, m.id)
	}
	if len(instances) == 0 {
		return nil, nil
	}
	accounts := slices.Sorted(maps.Keys(instances))
	what := "provider and roles in accounts of the stack set: " + ShortList(accounts)
	do := o.does(what, func(ctx context.Context, w *engine.World, c orgClients) error {
		return o.deleteStacks(ctx, w, InstancesStep(o.org), c, o.unitsOf(instances), accounts)
	})
	return []engine.Undo{{What: what, Do: func(ctx context.Context) error { return do(ctx, w) }}}, nil
}

const current = "current"

// state returns the state of an account's stack: current, "" without a stack,
// or what is wrong.
func state(instances map[string]cfn.StackInstanceSummary, account string) string {
	i, ok := instances[account]
	if !ok {
		return ""
	}
	if i.Status == cfn.StackInstanceStatusCurrent {
		return current
	}
	text := string(i.Status)
	if i.StackInstanceStatus != nil {
		text += " " + string(i.StackInstanceStatus.DetailedStatus)
	}
	if reason := aws.ToString(i.StatusReason); reason != "" {
		text += ": " + scrub(reason)
	}
	return text
}

func (o inOrganization) applyInstances(ctx context.Context, w *engine.World, c orgClients) error {
	// An operation of an earlier run may still be running.
	if err := o.settle(ctx, w, InstancesStep(o.org), c.cfn); err != nil {
		return err
	}
	absent, stale, err := o.behind(ctx, c)
	if err == nil && len(absent) > 0 {
		err = o.deploy(ctx, w, c)
	}
	if err == nil && len(stale) > 0 {
		err = o.renew(ctx, w, c, stale)
	}
	return err
}

// behind returns the accounts without a stack, and those with an outdated one.
func (o inOrganization) behind(ctx context.Context, c orgClients) (absent, stale []string, err error) {
	members, _, err := o.members(ctx, c.org)
	if err != nil {
		return nil, nil, err
	}
	instances, err := o.instances(ctx, c.cfn)
	if err != nil && !isNoStackSet(err) {
		return nil, nil, err
	}
	for _, m := range members {
		switch state(instances, m.id) {
		case current:
		case "":
			absent = append(absent, m.id)
		default:
			stale = append(stale, m.id)
		}
	}
	return absent, stale, nil
}

// deploy creates the stacks of the units.
func (o inOrganization) deploy(ctx context.Context, w *engine.World, c orgClients) error {
	return byCall(o.org.Units, func(units []string) error {
		made, err := c.cfn.CreateStackInstances(ctx, &cloudformation.CreateStackInstancesInput{
			StackSetName: aws.String(
				o.org.StackSet,
			), CallAs: o.callAs(), DeploymentTargets: o.targets(units),
			Regions: []string{o.org.Region}, OperationPreferences: o.preferences(),
		})
		if err != nil {
			return err
		}
		return o.await(ctx, w, InstancesStep(o.org), c.cfn, aws.ToString(made.OperationId))
	})
}

// renew updates the stacks of some accounts to the template of the set.
// Creating them again would not change them.
// Source: docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStackSet.html (Accounts)
func (o inOrganization) renew(ctx context.Context, w *engine.World, c orgClients, accounts []string) error {
	return byCall(o.org.Units, func(units []string) error {
		made, err := c.cfn.UpdateStackSet(ctx, &cloudformation.UpdateStackSetInput{
			StackSetName: aws.String(
				o.org.StackSet,
			), CallAs: o.callAs(), PermissionModel: cfn.PermissionModelsServiceManaged,
			Capabilities: capabilities, UsePreviousTemplate: aws.Bool(true), OperationPreferences: o.preferences(), Regions: []string{o.org.Region},
			DeploymentTargets: &cfn.DeploymentTargets{
				OrganizationalUnitIds: units, Accounts: accounts,
				AccountFilterType: cfn.AccountFilterTypeIntersection,
			},
		})
		if err != nil {
			return err
		}
		return o.await(ctx, w, InstancesStep(o.org), c.cfn, aws.ToString(made.OperationId))
	})
}

// byCall calls do for the units, at most maxUnits at a time.
func byCall(units []string, do func(units []string) error) error {
	for some := range slices.Chunk(units, maxUnits) {
		if err := do(some); err != nil {
			return err
		}
	}
	return nil
}

// targets returns the units with the spec's filter of accounts.
func (o inOrganization) targets(units []string) *cfn.DeploymentTargets {
	t := &cfn.DeploymentTargets{OrganizationalUnitIds: units}
	switch want := o.org; {
	case len(want.Accounts) > 0:
		t.Accounts, t.AccountFilterType = want.Accounts, cfn.AccountFilterTypeIntersection
	case len(want.Exclude) > 0:
		t.Accounts, t.AccountFilterType = want.Exclude, cfn.AccountFilterTypeDifference
	}
	return t
}

// preferences returns the concurrency and the failure tolerance of the spec.
func (o inOrganization) preferences() *cfn.StackSetOperationPreferences {
	return &cfn.StackSetOperationPreferences{
		MaxConcurrentPercentage:    aws.Int32(int32(o.org.MaxParallel)),
		FailureTolerancePercentage: aws.Int32(int32(o.org.Tolerance)),
		ConcurrencyMode:            cfn.ConcurrencyModeSoftFailureTolerance,
	}
}

func (o inOrganization) undoStackSet(ctx context.Context, w *engine.World) (engine.Undo, error) {
	what := "stack set " + o.org.StackSet
	clients, err := o.enter(ctx)
	if err != nil {
		return engine.Undo{}, explain(ctx, err, what, "")
	}
	have, err := o.stackSet(ctx, clients.cfn)
	if err != nil || have == nil {
		return engine.Undo{}, explain(ctx, err, what, "")
	}
	instances, err := o.instances(ctx, clients.cfn)
	if err != nil {
		return engine.Undo{}, explain(ctx, err, what, "")
	}
	what = fmt.Sprintf("%s and its stacks in %d accounts", what, len(instances))
	if !o.owned(have) {
		return engine.Undo{What: what, Keep: "it does not have the tag " + spec.TagKey + "=" + o.spec.Name}, nil
	}
	do := o.does(
		what,
		func(ctx context.Context, w *engine.World, c orgClients) error {
			return o.deleteStackSet(ctx, w, c, instances)
		},
	)
	return engine.Undo{What: what, Do: func(ctx context.Context) error { return do(ctx, w) }}, nil
}

// deleteStackSet deletes the stacks, then the set.
func (o inOrganization) deleteStackSet(
	ctx context.Context, w *engine.World, c orgClients, instances map[string]cfn.StackInstanceSummary,
) error {
	if err := o.settle(ctx, w, StackSetStep(o.org), c.cfn); err != nil {
		return err
	}
	if err := o.deleteStacks(ctx, w, StackSetStep(o.org), c, o.unitsOf(instances), nil); err != nil {
		return err
	}
	_, err := c.cfn.DeleteStackSet(ctx,
		&cloudformation.DeleteStackSetInput{StackSetName: aws.String(o.org.StackSet), CallAs: o.callAs()},
	)
	return err
}

// unitsOf returns the units of stacks, or those of the spec.
func (o inOrganization) unitsOf(instances map[string]cfn.StackInstanceSummary) []string {
	units := map[string]bool{}
	for _, i := range instances {
		if unit := aws.ToString(i.OrganizationalUnitId); unit != "" {
			units[unit] = true
		}
	}
	if len(units) == 0 && len(instances) > 0 {
		return o.org.Units
	}
	return slices.Sorted(maps.Keys(units))
}

// deleteStacks deletes the stacks in units, of some accounts or of all.
func (o inOrganization) deleteStacks(
	ctx context.Context, w *engine.World, step engine.ID, c orgClients, units, accounts []string,
) error {
	return byCall(units, func(units []string) error {
		targets := &cfn.DeploymentTargets{OrganizationalUnitIds: units}
		if len(accounts) > 0 {
			targets.Accounts, targets.AccountFilterType = accounts, cfn.AccountFilterTypeIntersection
		}
		made, err := c.cfn.DeleteStackInstances(ctx, &cloudformation.DeleteStackInstancesInput{
			StackSetName: aws.String(o.org.StackSet), CallAs: o.callAs(), RetainStacks: aws.Bool(false),
			Regions: []string{o.org.Region}, DeploymentTargets: targets, OperationPreferences: o.preferences(),
		})
		if err != nil {
			return err
		}
		return o.await(ctx, w, step, c.cfn, aws.ToString(made.OperationId))
	})
}
