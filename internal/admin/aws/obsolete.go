package aws

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// stackTag is the tag of what CloudFormation manages.
const stackTag = "aws:cloudformation:stack-id"

// obsolete returns the users, roles and providers with our tag that the spec no
// longer names, providers last because roles trust them.
func (a inAccount) obsolete(ctx context.Context, w *engine.World) ([]engine.Undo, error) {
	clients, err := a.enter(ctx)
	if err != nil {
		return nil, err
	}
	found, err := a.obsoleteIn(ctx, w, clients.iam)
	return found, a.explain(ctx, err, "resources with the tag "+spec.TagKey, "")
}

func (a inAccount) obsoleteIn(ctx context.Context, w *engine.World, client *iam.Client) ([]engine.Undo, error) {
	var found []engine.Undo
	add := func(tags []types.Tag, undo engine.Undo, err error) error {
		if err == nil && undo.What != "" {
			if stacked(tags) {
				undo = engine.Undo{What: undo.What, Keep: "it belongs to a CloudFormation stack"}
			}
			found = append(found, undo)
		}
		return err
	}
	users, roles, err := a.tagged(ctx, client)
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		undo, err := a.undoUserNamed(ctx, aws.ToString(u.UserName))
		if err := add(u.Tags, undo, err); err != nil {
			return nil, err
		}
	}
	for _, r := range roles {
		if !stacked(r.Tags) {
			w.LearnObsolete(aws.ToString(r.Arn))
		}
		role := spec.Role{Name: aws.ToString(r.RoleName), Path: aws.ToString(r.Path)}
		undo, err := roleSteps{a, role}.undo(ctx, w)
		if err := add(r.Tags, undo, err); err != nil {
			return nil, err
		}
	}
	providers, err := client.ListSAMLProviders(ctx, &iam.ListSAMLProvidersInput{})
	if err != nil {
		return nil, err
	}
	for _, p := range providers.SAMLProviderList {
		arn := aws.ToString(p.Arn)
		if !a.former && arn == a.spec.ProviderARN(a.account.ID) {
			continue
		}
		have, err := providerAt(ctx, client, arn)
		if err != nil {
			return nil, err
		}
		if have == nil || !owned(a.spec, have.Tags) {
			continue
		}
		undo, err := a.undoProviderAt(ctx, arn)
		if err := add(have.Tags, undo, err); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// stacked reports whether CloudFormation manages a resource.
func stacked(tags []types.Tag) bool {
	return slices.ContainsFunc(tags, func(t types.Tag) bool { return aws.ToString(t.Key) == stackTag })
}

// tagged returns the users and roles with our tag that the spec does not name.
func (a inAccount) tagged(
	ctx context.Context, client *iam.Client,
) (users []types.UserDetail, roles []types.RoleDetail, err error) {
	pages := iam.NewGetAccountAuthorizationDetailsPaginator(client, &iam.GetAccountAuthorizationDetailsInput{
		Filter: []types.EntityType{types.EntityTypeUser, types.EntityTypeRole},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, u := range page.UserDetailList {
			named := !a.former && a.spec.Provisioning.Style == spec.StyleImport &&
				aws.ToString(u.UserName) == a.spec.Provisioning.User
			if !named && owned(a.spec, u.Tags) {
				users = append(users, u)
			}
		}
		for _, r := range page.RoleDetailList {
			named := !a.former && slices.ContainsFunc(a.spec.RolesIn(a.account.ID), func(want spec.Role) bool {
				return strings.EqualFold(want.Name, aws.ToString(r.RoleName))
			})
			if !named && owned(a.spec, r.Tags) {
				roles = append(roles, r)
			}
		}
	}
	return users, roles, nil
}

// nameOf returns the last part of an ARN.
func nameOf(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }
