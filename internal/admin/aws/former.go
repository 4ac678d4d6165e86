package aws

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
)

// removedSteps returns the steps for the accounts and stack sets with removed: delete.
func removedSteps(clients *Clients, s *spec.Spec) []engine.Step {
	var steps []engine.Step
	for _, account := range s.RemovedAccounts() {
		if account.Removed == spec.RemovedDelete {
			steps = append(steps, inAccount{clients, s, account, true}.accountStep())
		}
	}
	for _, target := range s.RemovedTargets() {
		if target.Removed == spec.RemovedDelete {
			steps = append(steps, inOrganization{clients, s, target}.removedStep())
		}
	}
	return steps
}

// removedStep returns the step that lists the stack set for deletion.
func (o inOrganization) removedStep() engine.Step {
	step := o.stackSetStep()
	step.Title, step.After, step.Apply, step.Undo = "credentials for the organization of "+step.Title, nil, nil, nil
	step.Check = o.looks(step.Title, func(context.Context, *engine.World, orgClients) (engine.Finding, error) {
		return engine.IsDone(), nil
	})
	step.Obsolete = func(ctx context.Context, w *engine.World) ([]engine.Undo, error) {
		undo, err := o.undoStackSet(ctx, w)
		if undo.What == "" {
			return nil, err
		}
		return []engine.Undo{undo}, err
	}
	return step
}

// Former returns the resources of the setup in a place that has been removed from the
// spec.
func (c *Clients) Former(ctx context.Context, w *engine.World, place spec.Place) ([]engine.Undo, error) {
	target, ok := place.StackSet()
	if !ok {
		return c.formerAccount(ctx, w, string(place))
	}
	undo, err := c.formerStackSet(ctx, w, target)
	if err != nil || undo.What == "" {
		return nil, err
	}
	undo.Group = organization
	return []engine.Undo{undo}, nil
}

func (c *Clients) formerAccount(ctx context.Context, w *engine.World, id string) ([]engine.Undo, error) {
	var failed error
	for _, account := range entriesFor(w.Spec, id) {
		a := inAccount{c, w.Spec, account, true}
		if _, err := a.enter(ctx); err != nil {
			failed = cmp.Or(failed, err)
			continue
		}
		undos, err := a.obsolete(ctx, w)
		for i := range undos {
			undos[i].Group = a.group()
		}
		return undos, err
	}
	return nil, noAccess(
		"account "+id, failed, `list it under accounts with its credentials: {id: "`+id+`", removed: delete}`,
		"or with removed: retain, for example if it is closed",
	)
}

// noAccess returns the error of a place that the credentials of the spec cannot access.
func noAccess(place string, cause error, hints ...string) error {
	msg := place + " is no longer in the spec and may still have resources of this setup"
	return fault.Wrap(fault.KindOf(cause), cause, msg, hints...)
}

// entriesFor returns the entries to try for access to an account: its own, or copies of
// those of other accounts. Entries with a role to assume come first.
func entriesFor(s *spec.Spec, id string) []spec.Account {
	for _, a := range s.RemovedAccounts() {
		if a.ID == id {
			return []spec.Account{a}
		}
	}
	var entries []spec.Account
	add := func(profile, role, external string) {
		same := func(a spec.Account) bool {
			return a.Profile == profile && a.AssumeRole == role && a.ExternalID == external
		}
		if !strings.HasPrefix(role, "arn:") && !slices.ContainsFunc(entries, same) {
			entries = append(entries, spec.Account{ID: id, Profile: profile, AssumeRole: role, ExternalID: external})
		}
	}
	for _, a := range s.DirectAccounts() {
		if a.AssumeRole != "" {
			add(a.Profile, a.AssumeRole, a.ExternalID)
		}
	}
	if o := s.Organization; o != nil && o.ScanRole != "" {
		add(o.Profile, o.ScanRole, "")
	}
	add("", "", "")
	for _, a := range s.DirectAccounts() {
		add(a.Profile, "", "")
	}
	return entries
}

// formerStackSet returns the deletion of a stack set. It tries the credentials of the
// spec until some belong to the organization of the stack set.
func (c *Clients) formerStackSet(ctx context.Context, w *engine.World, target spec.Organization) (engine.Undo, error) {
	var profiles []string
	if o := w.Spec.Organization; o != nil {
		profiles = []string{o.Profile}
	}
	profiles = append(profiles, "")
	for _, a := range w.Spec.DirectAccounts() {
		profiles = append(profiles, a.Profile)
	}
	var failed error
	for i, profile := range profiles {
		if slices.Contains(profiles[:i], profile) {
			continue
		}
		target.Profile = profile
		o := inOrganization{c, w.Spec, target}
		managed, err := o.isManagement(ctx)
		if err == nil {
			o.org.Delegated = !managed
			var undo engine.Undo
			if undo, err = o.undoStackSet(ctx, w); err == nil {
				return undo, nil
			}
		}
		failed = cmp.Or(failed, err)
	}
	return engine.Undo{}, noAccess(
		"stack set "+target.StackSet+" in "+target.Region, failed,
		"set organization.profile to credentials of its organization, with removed: delete",
		"or list it under organization with stack_set, region and removed: retain",
	)
}

// isManagement reports whether the credentials are of the management account. Others
// have access to stack sets as a delegated administrator only.
func (o inOrganization) isManagement(ctx context.Context) (bool, error) {
	clients, err := o.enter(ctx)
	if err != nil {
		return false, err
	}
	described, err := clients.org.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if err != nil {
		return false, err
	}
	caller, err := clients.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return false, err
	}
	return aws.ToString(caller.Account) == aws.ToString(described.Organization.MasterAccountId), nil
}

// replaces returns a finding if accounts of the target have stacks of a stack set that
// has been removed from the spec: new stacks with roles of the same names would fail.
func (o inOrganization) replaces(ctx context.Context, w *engine.World, c orgClients) (*engine.Finding, error) {
	for _, place := range w.Entra().Recorded {
		target, ok := place.StackSet()
		if !ok || target.Root() != o.org.Root() || slices.Contains(o.spec.Places(), place) {
			continue
		}
		target.Profile, target.Delegated = o.org.Profile, o.org.Delegated
		old := inOrganization{o.clients, o.spec, target}
		clients, err := old.use(ctx)
		if err != nil {
			return nil, err
		}
		deployed, err := old.instances(ctx, clients.cfn)
		if isNoStackSet(err) {
			continue
		}
		members, _, memberErr := o.members(ctx, c.org)
		if err := cmp.Or(err, memberErr); err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(members, func(m member) bool { return state(deployed, m.id) != "" }) {
			continue
		}
		f := engine.IsForbidden(
			"", "stack set "+target.StackSet+" in "+target.Region+" has stacks in the same accounts",
			"set organization.stack_set and region to those of this stack set again",
			"or delete it first: set organization.removed: delete, run o365aws admin apply --prune, and remove the "+
				"setting",
		)
		return &f, nil
	}
	return nil, nil
}
