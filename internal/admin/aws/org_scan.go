package aws

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// scanStep returns the step that finds the accounts in which a stack would fail.
func (o inOrganization) scanStep() engine.Step {
	title := "no conflicting providers in the accounts"
	role := o.spec.Organization.ScanRole
	return engine.Step{
		ID: StepScan, Group: organization, Title: title, After: []engine.ID{StepTrustedAccess},
		Why: "A stack cannot create a provider that already exists. Before the deployment, o365aws looks for a " +
			"SAML provider of the same name in the accounts without a stack, with the role that the spec names.",
		Permissions: []engine.Permission{
			{Action: "sts:AssumeRole", Resource: "arn:" + o.spec.Partition + ":iam::*:role/" + role},
			{Action: "organizations:DescribeOrganization"},
			{Action: "organizations:ListAccounts"},
		},
		Manual: []string{
			"In each account: AWS console, IAM, Identity providers: check that none is named " + o.spec.Provider.Name + ".",
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
					"", fmt.Sprintf("the SAML provider %s already exists in %s", o.spec.Provider.Name, shortList(taken)),
					"delete it there, or list the accounts in organization.exclude and set them up under accounts "+
						"with adopt: true",
				)
			}
			if len(closed) > 0 {
				f.Warnings = []string{fmt.Sprintf("accounts that %s could not scan: %s", role, shortList(closed))}
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

// scan returns the accounts that have the provider and those that it cannot read.
func (o inOrganization) scan(ctx context.Context, members []member) (taken, closed []string) {
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(engine.DefaultParallel)
	for _, m := range members {
		group.Go(func() error {
			account := spec.Account{ID: m.id, Profile: o.spec.Organization.Profile, AssumeRole: o.spec.Organization.ScanRole}
			clients, err := o.clients.account(ctx, o.spec, account)
			if err == nil {
				_, err = clients.iam.GetSAMLProvider(
					ctx, &iam.GetSAMLProviderInput{SAMLProviderArn: aws.String(o.spec.ProviderARN(m.id))},
				)
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				taken = append(taken, m.id)
			case !notFound(err):
				closed = append(closed, m.id)
			}
			return nil
		})
	}
	_ = group.Wait() // the functions return no errors
	return taken, closed
}

// maxListed bounds a list of accounts in a message.
const maxListed = 10

func shortList(names []string) string {
	text := strings.Join(names[:min(len(names), maxListed)], ", ")
	if more := len(names) - maxListed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
