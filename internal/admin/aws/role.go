package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
)

// roleStep returns the step for one role.
func (a inAccount) roleStep(r spec.Role) engine.Step {
	arn, title := a.spec.RoleARN(a.account.ID, r), "role "+r.Name
	step := roleSteps{a, r}
	return engine.Step{
		ID: engine.RoleStep(a.account.ID, r.Name), Group: a.group(), Title: title,
		After: []engine.ID{engine.ProviderStep(a.account.ID)},
		Why: "Users sign in to AWS as a role. Its trust policy accepts sign-ins of this provider at these " +
			"sign-in addresses only; its policies grant permissions; its session length limits the session.",
		Permissions: allow(arn,
			"iam:GetRole",
			"iam:CreateRole",
			"iam:UpdateAssumeRolePolicy",
			"iam:UpdateRole",
			"iam:TagRole",
			"iam:ListAttachedRolePolicies",
			"iam:AttachRolePolicy",
			"iam:DetachRolePolicy",
			"iam:ListRolePolicies",
			"iam:GetRolePolicy",
			"iam:PutRolePolicy",
			"iam:DeleteRolePolicy",
			"iam:PutRolePermissionsBoundary",
			"iam:DeleteRolePermissionsBoundary",
			"iam:DeleteRole",
		),
		Check: a.looks(title, arn, step.check),
		Apply: a.does(title, arn, step.apply),
		Undo:  step.undo,
		Waits: "IAM to show the role",
		Manual: []string{
			"AWS console, IAM, Roles, Create role, SAML 2.0 federation.",
			"Choose the provider " + a.spec.Provider.Name + ", Allow programmatic and AWS Management Console access.",
			"Compare the trust policy with: " + TrustPolicy(a.spec, a.account.ID, r),
			"Attach: " + strings.Join(r.Policies, ", ") + ".",
			"Name it " + r.Name + ", Create role; then set its maximum session duration to " + r.Session.String() + ".",
		},
		Command: "aws iam create-role --role-name " + r.Name + " --path " + r.Path + " --max-session-duration " + itoa(
			r.Session.Seconds(),
		) + " --assume-role-policy-document file://trust.json",
	}
}

// roleSteps holds what the functions of a role's step share.
type roleSteps struct {
	inAccount
	role spec.Role
}

// roleState is the role in IAM with its policies.
type roleState struct {
	role     *types.Role
	attached []string          // ARNs
	inline   map[string]string // JSON by name
}

// load returns the role, or nil if it does not exist.
func (s roleSteps) load(ctx context.Context, client *iam.Client) (*roleState, error) {
	name := aws.String(s.role.Name)
	found, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
	if notFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	state := &roleState{role: found.Role, inline: map[string]string{}}
	attached := iam.NewListAttachedRolePoliciesPaginator(client, &iam.ListAttachedRolePoliciesInput{RoleName: name})
	for attached.HasMorePages() {
		page, err := attached.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range page.AttachedPolicies {
			state.attached = append(state.attached, aws.ToString(p.PolicyArn))
		}
	}
	inline := iam.NewListRolePoliciesPaginator(client, &iam.ListRolePoliciesInput{RoleName: name})
	for inline.HasMorePages() {
		page, err := inline.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, policy := range page.PolicyNames {
			got, err := client.GetRolePolicy(
				ctx, &iam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String(policy)},
			)
			if err != nil {
				return nil, err
			}
			state.inline[policy] = decoded(aws.ToString(got.PolicyDocument))
		}
	}
	return state, nil
}

func (s roleSteps) check(ctx context.Context, _ *engine.World, client *iam.Client) (engine.Finding, error) {
	have, err := s.load(ctx, client)
	if err != nil {
		return engine.Finding{}, err
	}
	if have == nil {
		return engine.IsMissing(changesOf(s.edits(&roleState{role: &types.Role{}}, client))...), nil
	}
	if !owned(s.spec, have.role.Tags) && !s.role.Adopt {
		return taken("the role "+s.role.Name, "at the role "+s.role.Name+" under roles"), nil
	}
	if path := aws.ToString(have.role.Path); path != s.role.Path {
		return engine.IsForbidden(
			"", "the role "+s.role.Name+" has the path "+path+", not "+s.role.Path+", and IAM moves no role",
			"set its path in the spec to "+path+", or delete the role and run this again",
		), nil
	}
	return engine.Compared(changesOf(s.edits(have, client))), nil
}

func (s roleSteps) apply(ctx context.Context, _ *engine.World, client *iam.Client) error {
	have, err := s.load(ctx, client)
	if err != nil {
		return err
	}
	if have == nil {
		if have, err = s.create(ctx, client); err != nil {
			return err
		}
	}
	return perform(ctx, s.edits(have, client))
}

// create creates the role; its policies need further calls.
func (s roleSteps) create(ctx context.Context, client *iam.Client) (*roleState, error) {
	in := &iam.CreateRoleInput{
		RoleName: aws.String(s.role.Name), Path: aws.String(s.role.Path),
		AssumeRolePolicyDocument: aws.String(TrustPolicy(s.spec, s.account.ID, s.role)),
		MaxSessionDuration:       aws.Int32(s.role.Session.Seconds()),
		Tags:                     tagList(ours(s.spec, s.role.Tags)),
	}
	if s.role.Description != "" {
		in.Description = aws.String(s.role.Description)
	}
	if s.role.Boundary != "" {
		in.PermissionsBoundary = aws.String(s.spec.PolicyARN(s.account.ID, s.role.Boundary))
	}
	made, err := client.CreateRole(ctx, in)
	if code(err) == "EntityAlreadyExists" {
		// GetRole found none a moment ago: a replica lags.
		return nil, engine.NotYet(err, "IAM to show the role "+s.role.Name)
	}
	if err != nil {
		return nil, err
	}
	role := made.Role
	role.Description, role.MaxSessionDuration, role.Tags = in.Description, in.MaxSessionDuration, in.Tags
	role.AssumeRolePolicyDocument = in.AssumeRolePolicyDocument
	if in.PermissionsBoundary != nil {
		role.PermissionsBoundary = &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: in.PermissionsBoundary}
	}
	return &roleState{role: role}, nil
}

func (s roleSteps) undo(ctx context.Context, _ *engine.World) (engine.Undo, error) {
	what := "role " + s.role.Name
	return s.undoes(
		ctx,
		what,
		s.spec.RoleARN(s.account.ID, s.role),
		func(ctx context.Context, client *iam.Client) (engine.Undo, error) {
			have, err := s.load(ctx, client)
			if err != nil || have == nil {
				return engine.Undo{}, err
			}
			return undo(s.spec, what, have.role.Tags, func(ctx context.Context) error {
				bare := roleSteps{s.inAccount, spec.Role{Name: s.role.Name}}
				if err := perform(ctx, bare.policyEdits(have, client)); err != nil {
					return err
				}
				_, err := client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(s.role.Name)})
				if code(err) == "DeleteConflict" {
					return fault.Newf(fault.Unsatisfied, "%s is in an instance profile, so it stays", what)
				}
				return err
			}), nil
		},
	)
}
