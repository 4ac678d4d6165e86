package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// scanStep returns the step that finds the accounts in which a stack would fail.
func (o inOrganization) scanStep() engine.Step {
	title := "no conflicting resources in the accounts"
	role := o.org.ScanRole
	return engine.Step{
		ID: o.id(StepScan), Group: organization, Title: title, After: []engine.ID{StepTrustedAccess},
		Why: "A stack cannot create a provider or a role that already exists. Before the deployment, o365aws looks " +
			"for them in the accounts without a stack, with the role that the spec names.",
		Permissions: []engine.Permission{
			{Action: "sts:AssumeRole", Resource: "arn:" + o.spec.Partition + ":iam::*:role/" + role},
			{Action: "organizations:DescribeOrganization"},
			{Action: "organizations:ListAccounts"},
		},
		Manual: []string{
			"In each account: AWS console, IAM, Identity providers: check that none is named " + o.spec.Provider.Name + ".",
			"IAM, Roles: check that none has the name of a role of the spec.",
		},
		Check: o.looks(title, func(ctx context.Context, w *engine.World, c orgClients) (engine.Finding, error) {
			without, err := o.without(ctx, c)
			if err != nil {
				return engine.Finding{}, err
			}
			taken, closed := o.scan(ctx, without)
			if ctx.Err() != nil {
				return engine.Finding{}, ctx.Err()
			}
			f := engine.IsDone()
			if len(taken) > 0 {
				f = engine.IsForbidden(
					"", "CloudFormation cannot create what already exists: "+ShortList(taken),
					"delete it there, or list the accounts in organization.exclude and set them up under accounts, "+
						"with adopt: true at the provider and the roles",
				)
			}
			if len(closed) > 0 {
				f.Warnings = []string{fmt.Sprintf("accounts that %s could not scan: %s", role, ShortList(closed))}
			}
			return f, nil
		}),
	}
}

// without returns the members without a stack.
func (o inOrganization) without(ctx context.Context, c orgClients) ([]member, error) {
	members, _, err := o.members(ctx, c.org)
	if err != nil {
		return nil, err
	}
	instances, err := o.instances(ctx, c.cfn)
	if err != nil && !isNoStackSet(err) {
		return nil, err
	}
	var without []member
	for _, m := range members {
		if _, ok := instances[m.id]; !ok {
			without = append(without, m)
		}
	}
	return without, nil
}

// scan returns what the accounts have of the template, and the accounts that it cannot
// read.
func (o inOrganization) scan(ctx context.Context, members []member) (taken, closed []string) {
	var mu sync.Mutex
	o.eachMember(ctx, members, func(a inAccount, err error) {
		var found []string
		if err == nil {
			found, err = a.existing(ctx, o.roles())
		}
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			closed = append(closed, a.account.ID)
		} else if len(found) > 0 {
			taken = append(taken, a.account.ID+" ("+strings.Join(found, ", ")+")")
		}
	})
	slices.Sort(taken)
	slices.Sort(closed)
	return taken, closed
}

// existing returns the names of the provider and the roles that an account has.
func (a inAccount) existing(ctx context.Context, roles []spec.Role) ([]string, error) {
	clients, err := a.enter(ctx)
	if err != nil {
		return nil, err
	}
	var found []string
	have, err := a.provider(ctx, clients.iam)
	if have != nil {
		found = append(found, "SAML provider "+a.spec.Provider.Name)
	}
	for _, r := range roles {
		if err != nil {
			return nil, err
		}
		if _, err = clients.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(r.Name)}); err == nil {
			found = append(found, "role "+r.Name)
		} else if notFound(err) {
			err = nil
		}
	}
	return found, err
}

// maxListed bounds a list of accounts in a message.
const maxListed = 10

// ShortList returns the first names of a list and the number of the others.
func ShortList(names []string) string {
	text := strings.Join(names[:min(len(names), maxListed)], ", ")
	if more := len(names) - maxListed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
