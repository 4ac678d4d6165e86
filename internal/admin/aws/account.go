package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/fault"
)

// accountStep returns the step that checks that the credentials belong to the account.
func (a inAccount) accountStep() engine.Step {
	s := engine.Step{
		ID: engine.AccountStep(a.account.ID), Group: a.group(), Title: a.credentials(),
		Why: "The steps below use the credentials of the profile, or of a role assumed with them. This step checks " +
			"that they belong to the right account before anything is written.",
		Manual: []string{
			"Sign in to the AWS console as an administrator of the account and compare the account number at the " +
				"top right.",
		},
		Command: "aws sts get-caller-identity",
	}
	if role := a.assumed(); role != "" {
		s.Permissions = []engine.Permission{{Action: "sts:AssumeRole", Resource: role}}
	}
	s.Permissions = append(s.Permissions,
		engine.Permission{Action: "iam:GetAccountAuthorizationDetails"}, engine.Permission{Action: "iam:ListSAMLProviders"})
	s.Check = func(ctx context.Context, _ *engine.World) (engine.Finding, error) {
		_, err := a.enter(ctx)
		return engine.IsDone(), err
	}
	s.Obsolete = a.obsolete
	return s
}

func (a inAccount) credentials() string { return "credentials for account " + a.account.ID }

// enter returns the clients of the account after checking that their
// credentials belong to it. Every read goes through it: other accounts have the
// same names and tags, and reading the wrong one would delete or miss things.
func (a inAccount) enter(ctx context.Context) (*accountClients, error) {
	clients, err := a.clients.account(ctx, a.spec, a.account)
	if err != nil {
		return nil, err
	}
	clients.mu.Lock()
	defer clients.mu.Unlock()
	if !clients.proved {
		err = a.prove(ctx, clients.cfg)
		clients.proved = err == nil
	}
	return clients, err
}

func (a inAccount) prove(ctx context.Context, cfg aws.Config) error {
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return a.explain(ctx, err, a.credentials(), "")
	}
	if id := aws.ToString(who.Account); id != a.account.ID {
		return fault.Newf(fault.Config, "the credentials are for account %s, not for %s", id, a.account.ID).
			Hint("set profile or assume_role of the account in the spec, or pass --profile")
	}
	if p := strings.Split(aws.ToString(who.Arn), ":"); len(p) > 1 && p[1] != a.spec.Partition {
		return fault.Newf(fault.Config, "account %s is in the partition %s, the spec says %s", a.account.ID, p[1], a.spec.Partition).
			Hint("check partition in the spec, and the profile of the account")
	}
	return nil
}
