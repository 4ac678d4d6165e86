package aws

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// eachMember calls do for accounts in parallel, with the error of assuming the scan role.
func (o inOrganization) eachMember(ctx context.Context, members []member, do func(inAccount, error)) {
	var group errgroup.Group
	group.SetLimit(engine.DefaultParallel)
	for _, m := range members {
		group.Go(func() error {
			a := inAccount{clients: o.clients, spec: o.spec, account: o.entry(m.id)}
			_, err := a.enter(ctx)
			do(a, err)
			return nil
		})
	}
	_ = group.Wait() // the functions return no errors
}

// entry returns an entry of a member for access with the scan role.
func (o inOrganization) entry(id string) spec.Account {
	return spec.Account{ID: id, Profile: o.org.Profile, AssumeRole: o.org.ScanRole}
}

// membersStep returns the step that detects changes by hand in the accounts.
func (o inOrganization) membersStep() engine.Step {
	title := "provider and roles as deployed"
	if o.org.Target != "" {
		title += " in the accounts of " + o.org.Target
	}
	role := "arn:" + o.spec.Partition + ":iam::*:role/" + o.org.ScanRole
	return engine.Step{
		ID: o.id(StepMembers), Group: organization, Title: title, After: []engine.ID{InstancesStep(o.org)},
		Why: "CloudFormation does not detect that a role was changed by hand. o365aws compares the provider and the " +
			"roles in each account with the spec, with the role that the spec names.",
		Permissions: []engine.Permission{{Action: "sts:AssumeRole", Resource: role}},
		Manual:      []string{"The stack set, Actions, Detect drifts."},
		Command:     "aws cloudformation detect-stack-set-drift --stack-set-name " + o.org.StackSet,
		Check:       o.looks(title, o.checkMembers),
	}
}

func (o inOrganization) checkMembers(ctx context.Context, w *engine.World, c orgClients) (engine.Finding, error) {
	members, _, err := o.members(ctx, c.org)
	if err != nil {
		return engine.Finding{}, err
	}
	instances, err := o.instances(ctx, c.cfn)
	if err != nil && !isNoStackSet(err) {
		return engine.Finding{}, err
	}
	var deployed []member
	for _, m := range members {
		if state(instances, m.id) == current {
			deployed = append(deployed, m)
		}
	}
	set, err := o.stackSet(ctx, c.cfn)
	if err != nil || len(deployed) == 0 {
		return engine.IsDone(), err
	}
	changes, unreadable := o.drift(ctx, w, deployed, o.outdated(ctx, w, set))
	f := engine.Compared(changes)
	if len(changes) > 0 {
		f.Hints = []string{"undo the changes in the accounts; CloudFormation does not overwrite them"}
	}
	if len(unreadable) > 0 {
		f.Warnings = []string{fmt.Sprintf("accounts that %s could not read: %s", o.org.ScanRole, ShortList(unreadable))}
	}
	return f, ctx.Err()
}

// outdated returns what differs between the template of the set and the spec. An update
// of the stack set changes it in the accounts.
func (o inOrganization) outdated(ctx context.Context, w *engine.World, set *cfn.StackSet) []string {
	m, unknown, err := metadata.Current(ctx, w)
	if unknown != nil || err != nil {
		return nil
	}
	body, err := o.template(m, set, false)
	if err != nil {
		return nil
	}
	var attributes []string
	for _, c := range templateChanges(aws.ToString(set.TemplateBody), body) {
		attributes = append(attributes, c.Attribute)
	}
	return attributes
}

// drift returns how provider and roles in the accounts differ from the spec, except
// what is outdated in the template, and the accounts that cannot be read.
func (o inOrganization) drift(
	ctx context.Context, w *engine.World, members []member, outdated []string,
) (changes []engine.Change, unreadable []string) {
	var mu sync.Mutex
	found := map[string][]engine.Change{}
	o.eachMember(ctx, members, func(a inAccount, err error) {
		var all []engine.Change
		compare := func(what, attribute string, check checkFunc) {
			if err != nil || slices.Contains(outdated, attribute) {
				return
			}
			var differences []engine.Change
			differences, err = a.deployed(ctx, w, check)
			for _, c := range differences {
				c.Attribute = "account " + a.account.ID + ": " + what + ": " + c.Attribute
				all = append(all, c)
			}
		}
		compare("SAML provider", ChangedProvider, a.checkProvider)
		for _, r := range o.roles() {
			compare("role "+r.Name, inTemplate+"role "+r.Name, roleSteps{a, r}.check)
		}
		mu.Lock()
		defer mu.Unlock()
		found[a.account.ID] = all
		if err != nil {
			unreadable = append(unreadable, a.account.ID)
		}
	})
	for _, id := range slices.Sorted(maps.Keys(found)) {
		changes = append(changes, found[id]...)
	}
	slices.Sort(unreadable)
	return changes, unreadable
}

// checkFunc is the check of a step in an account.
type checkFunc func(context.Context, *engine.World, *iam.Client) (engine.Finding, error)

// deployed returns how a resource of a stack differs from the spec.
func (a inAccount) deployed(ctx context.Context, w *engine.World, check checkFunc) ([]engine.Change, error) {
	clients, err := a.enter(ctx)
	if err != nil {
		return nil, err
	}
	f, err := check(ctx, w, clients.iam)
	switch f.Status {
	case engine.Missing:
		return []engine.Change{{Attribute: "state", Have: "deleted", Want: "as deployed"}}, err
	case engine.Forbidden: // without the tag, or at another path
		return []engine.Change{{Attribute: "state", Have: f.Reason, Want: "as deployed"}}, err
	}
	return f.Changes, err
}
