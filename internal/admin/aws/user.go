package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/o365aws/o365aws/internal/admin/engine"
)

// importPolicy is the name of the import user's policy in Microsoft's tutorial.
const importPolicy = "AzureAAD.Policy"

// importDocument lets the user list roles. The action supports no resources.
const importDocument = `{"Statement":[{"Action":"iam:ListRoles","Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}`

// userStep returns the step for the import user, without its key.
func (a inAccount) userStep() engine.Step {
	name := a.spec.Provisioning.User
	arn, title := a.arn("user/"+name), "import user "+name
	return engine.Step{
		ID: engine.ImportUserStep(a.account.ID), Group: a.group(), Title: title,
		After: []engine.ID{engine.AccountStep(a.account.ID), engine.StepMetadata},
		Why:   "Entra's import uses this IAM user to list the roles. The user has no other permission.",
		Permissions: allow(arn,
			"iam:GetUser",
			"iam:CreateUser",
			"iam:TagUser",
			"iam:DeleteUser",
			"iam:ListUserPolicies",
			"iam:GetUserPolicy",
			"iam:PutUserPolicy",
			"iam:DeleteUserPolicy",
			"iam:ListAttachedUserPolicies",
			"iam:DetachUserPolicy",
			"iam:ListAccessKeys",
			"iam:DeleteAccessKey",
		),
		Check: a.looks(title, arn, a.checkUser),
		Apply: a.does(title, arn, a.applyUser),
		Undo:  a.undoUser,
		Waits: "IAM to show the user",
		Manual: []string{
			"AWS console, IAM, Users, Create user, name " + name + ", no console access, no permissions.",
			"The user, Add permissions, Create inline policy, JSON: " + importDocument + ", name " + importPolicy + ".",
		},
		Command: "aws iam create-user --user-name " + name + " && aws iam put-user-policy --user-name " + name + " --policy-name " + importPolicy + " --policy-document '" + importDocument + "'",
	}
}

// userState is the import user in IAM with its policies.
type userState struct {
	user     *types.User
	attached []string
	inline   map[string]string
}

func loadUser(ctx context.Context, client *iam.Client, userName string) (*userState, error) {
	name := aws.String(userName)
	found, err := client.GetUser(ctx, &iam.GetUserInput{UserName: name})
	if notFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	state := &userState{user: found.User, inline: map[string]string{}}
	attached, err := client.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: name})
	if err != nil {
		return nil, err
	}
	for _, p := range attached.AttachedPolicies {
		state.attached = append(state.attached, aws.ToString(p.PolicyArn))
	}
	inline, err := client.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: name})
	if err != nil {
		return nil, err
	}
	for _, policy := range inline.PolicyNames {
		got, err := client.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: name, PolicyName: aws.String(policy)})
		if err != nil {
			return nil, err
		}
		state.inline[policy] = decoded(aws.ToString(got.PolicyDocument))
	}
	return state, nil
}

func (a inAccount) checkUser(ctx context.Context, _ *engine.World, client *iam.Client) (engine.Finding, error) {
	have, err := loadUser(ctx, client, a.spec.Provisioning.User)
	if err != nil {
		return engine.Finding{}, err
	}
	if have == nil {
		return engine.IsMissing(changesOf(a.userEdits(&userState{user: &types.User{}}, client))...), nil
	}
	if !owned(a.spec, have.user.Tags) && !a.spec.Provisioning.Adopt {
		return taken("the user "+a.spec.Provisioning.User, "under provisioning"), nil
	}
	return engine.Compared(changesOf(a.userEdits(have, client))), nil
}

func (a inAccount) applyUser(ctx context.Context, _ *engine.World, client *iam.Client) error {
	have, err := loadUser(ctx, client, a.spec.Provisioning.User)
	if err != nil {
		return err
	}
	if have == nil {
		tags := tagList(ours(a.spec, nil))
		if _, err := client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(a.spec.Provisioning.User), Tags: tags}); err != nil {
			return err
		}
		have = &userState{user: &types.User{Tags: tags}}
	}
	return perform(ctx, a.userEdits(have, client))
}

// userEdits returns the changes that leave the user with one inline policy only.
func (a inAccount) userEdits(have *userState, client *iam.Client) []edit {
	name := aws.String(a.spec.Provisioning.User)
	edits := inlineEdits(have.inline, map[string]string{importPolicy: importDocument},
		func(ctx context.Context, policy, document string) error {
			_, err := client.PutUserPolicy(
				ctx,
				&iam.PutUserPolicyInput{
					UserName: name, PolicyName: aws.String(policy), PolicyDocument: aws.String(document),
				},
			)
			return err
		},
		func(ctx context.Context, policy string) error {
			_, err := client.DeleteUserPolicy(
				ctx, &iam.DeleteUserPolicyInput{UserName: name, PolicyName: aws.String(policy)},
			)
			return err
		})
	edits = append(edits, listEdits("policy", have.attached, nil, nil, func(ctx context.Context, arn string) error {
		_, err := client.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: name, PolicyArn: aws.String(arn)})
		return err
	})...)
	return append(edits, tagEdits(have.user.Tags, ours(a.spec, nil), func(ctx context.Context, tags []types.Tag) error {
		_, err := client.TagUser(ctx, &iam.TagUserInput{UserName: name, Tags: tags})
		return err
	})...)
}

func (a inAccount) undoUser(ctx context.Context, _ *engine.World) (engine.Undo, error) {
	return a.undoUserNamed(ctx, a.spec.Provisioning.User)
}

func (a inAccount) undoUserNamed(ctx context.Context, userName string) (engine.Undo, error) {
	what, name := "import user "+userName+" and its access keys", aws.String(userName)
	return a.undoes(ctx, what, a.arn("user/"+userName), func(ctx context.Context, client *iam.Client) (engine.Undo, error) {
		have, err := loadUser(ctx, client, userName)
		if err != nil || have == nil {
			return engine.Undo{}, err
		}
		return undo(a.spec, what, have.user.Tags, func(ctx context.Context) error {
			keys, err := keysOf(ctx, client, userName)
			if err != nil {
				return err
			}
			for _, key := range keys {
				if err := deleteKey(ctx, client, userName, aws.ToString(key.AccessKeyId)); err != nil {
					return err
				}
			}
			for _, arn := range have.attached {
				if _, err := client.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: name, PolicyArn: aws.String(arn)}); err != nil {
					return err
				}
			}
			for policy := range have.inline {
				if _, err := client.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: name, PolicyName: aws.String(policy)}); err != nil {
					return err
				}
			}
			_, err = client.DeleteUser(ctx, &iam.DeleteUserInput{UserName: name})
			return err
		}), nil
	})
}
