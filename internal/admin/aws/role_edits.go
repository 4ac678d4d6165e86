package aws

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

func itoa(n int32) string { return strconv.Itoa(int(n)) }

// decoded returns a policy document without IAM's URL encoding.
func decoded(document string) string {
	if plain, err := url.QueryUnescape(document); err == nil {
		return plain
	}
	return document
}

// TrustPolicy returns the trust policy of a role in an account.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
func TrustPolicy(s *spec.Spec, account string, r spec.Role) string {
	return spec.CompactJSON(trust(s, r, s.ProviderARN(account)))
}

func trust(s *spec.Spec, r spec.Role, provider any) map[string]any {
	conditions := map[string]any{}
	for operator, keys := range s.TrustConditions(r) {
		conditions[operator] = keys
	}
	return map[string]any{
		"Version": spec.PolicyVersion,
		"Statement": []any{map[string]any{
			"Effect":    "Allow",
			"Principal": map[string]any{"Federated": provider},
			"Action":    s.Actions(r),
			"Condition": conditions,
		}},
	}
}

// edits returns the differences between a role and the spec.
func (s roleSteps) edits(have *roleState, client *iam.Client) []edit {
	var edits []edit
	name, role := aws.String(s.role.Name), have.role
	if trust := TrustPolicy(s.spec, s.account.ID, s.role); !spec.SamePolicy(
		decoded(aws.ToString(role.AssumeRolePolicyDocument)), trust,
	) {
		edits = append(
			edits,
			edit{
				engine.Change{Attribute: "trust policy", Have: decoded(aws.ToString(role.AssumeRolePolicyDocument)), Want: trust},
				func(ctx context.Context) error {
					_, err := client.UpdateAssumeRolePolicy(
						ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: aws.String(trust)},
					)
					return err
				},
			},
		)
	}
	edits = append(edits, s.settingEdits(role, client)...)
	edits = append(edits, s.policyEdits(have, client)...)
	return append(
		edits,
		tagEdits(role.Tags, ours(s.spec, s.role.Tags), func(ctx context.Context, tags []types.Tag) error {
			_, err := client.TagRole(ctx, &iam.TagRoleInput{RoleName: name, Tags: tags})
			return err
		})...)
}

// settingEdits returns the differences of session length, description and
// boundary. UpdateRole sets the first two together.
func (s roleSteps) settingEdits(role *types.Role, client *iam.Client) []edit {
	var edits []edit
	name := aws.String(s.role.Name)
	if have, want := aws.ToInt32(role.MaxSessionDuration), s.role.Session.Seconds(); have != want {
		had := ""
		if have != 0 {
			had = itoa(have) + "s"
		}
		edits = append(edits, edit{change: engine.Change{Attribute: "session length", Have: had, Want: itoa(want) + "s"}})
	}
	if have := aws.ToString(role.Description); have != s.role.Description {
		edits = append(edits, edit{change: engine.Change{Attribute: "description", Have: have, Want: s.role.Description}})
	}
	if len(edits) > 0 {
		edits[0].do = func(ctx context.Context) error {
			_, err := client.UpdateRole(
				ctx,
				&iam.UpdateRoleInput{
					RoleName: name, MaxSessionDuration: aws.Int32(s.role.Session.Seconds()),
					Description: aws.String(s.role.Description),
				},
			)
			return err
		}
	}
	have, want := "", ""
	if role.PermissionsBoundary != nil {
		have = aws.ToString(role.PermissionsBoundary.PermissionsBoundaryArn)
	}
	if s.role.Boundary != "" {
		want = s.spec.PolicyARN(s.account.ID, s.role.Boundary)
	}
	if have != want {
		edits = append(edits, edit{engine.Change{Attribute: "permissions boundary", Have: have, Want: want}, func(ctx context.Context) error {
			if want == "" {
				_, err := client.DeleteRolePermissionsBoundary(
					ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: name},
				)
				return err
			}
			_, err := client.PutRolePermissionsBoundary(
				ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: name, PermissionsBoundary: aws.String(want)},
			)
			return err
		}})
	}
	return edits
}

// policyEdits returns the differences of the managed and inline policies.
func (s roleSteps) policyEdits(have *roleState, client *iam.Client) []edit {
	name := aws.String(s.role.Name)
	var want []string
	for _, policy := range s.role.Policies {
		want = append(want, s.spec.PolicyARN(s.account.ID, policy))
	}
	edits := listEdits("policy", have.attached, want,
		func(ctx context.Context, arn string) error {
			_, err := client.AttachRolePolicy(
				ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(arn)},
			)
			return err
		},
		func(ctx context.Context, arn string) error {
			_, err := client.DetachRolePolicy(
				ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: aws.String(arn)},
			)
			return err
		})
	inline := map[string]string{}
	for policy, document := range s.role.Inline {
		inline[policy] = s.spec.InlinePolicy(s.account.ID, document)
	}
	return append(edits, inlineEdits(have.inline, inline,
		func(ctx context.Context, policy, document string) error {
			_, err := client.PutRolePolicy(
				ctx,
				&iam.PutRolePolicyInput{
					RoleName: name, PolicyName: aws.String(policy), PolicyDocument: aws.String(document),
				},
			)
			return err
		},
		func(ctx context.Context, policy string) error {
			_, err := client.DeleteRolePolicy(
				ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String(policy)},
			)
			return err
		})...)
}

// inlineEdits returns the differences of inline policies.
func inlineEdits(
	have, want map[string]string, put func(context.Context, string, string) error,
	remove func(context.Context, string) error,
) []edit {
	var edits []edit
	for _, name := range slices.Sorted(maps.Keys(want)) {
		document := want[name]
		if had, ok := have[name]; !ok || !spec.SamePolicy(had, document) {
			edits = append(
				edits,
				edit{
					engine.Change{Attribute: "inline policy " + name, Have: had, Want: document},
					func(ctx context.Context) error { return put(ctx, name, document) },
				},
			)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if _, ok := want[name]; !ok {
			edits = append(
				edits,
				edit{
					engine.Change{Attribute: "inline policy " + name, Have: have[name]},
					func(ctx context.Context) error { return remove(ctx, name) },
				},
			)
		}
	}
	return edits
}
