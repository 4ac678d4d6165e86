package admin

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// sweep empties IAM by its own calls: moto's reset makes it read all of AWS's
// policies again, which takes seconds.
func (l *lab) sweep() {
	l.t.Helper()
	ctx, client := context.Background(), l.iam()
	check := func(err error) {
		if err != nil {
			l.t.Helper()
			l.t.Fatal(err)
		}
	}
	roles, err := client.ListRoles(ctx, &iam.ListRolesInput{})
	check(err)
	for _, r := range roles.Roles {
		attached, err := client.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: r.RoleName})
		check(err)
		for _, p := range attached.AttachedPolicies {
			_, err := client.DetachRolePolicy(
				ctx, &iam.DetachRolePolicyInput{RoleName: r.RoleName, PolicyArn: p.PolicyArn},
			)
			check(err)
		}
		inline, err := client.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: r.RoleName})
		check(err)
		for _, p := range inline.PolicyNames {
			_, err := client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: r.RoleName, PolicyName: &p})
			check(err)
		}
		_, err = client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: r.RoleName})
		check(err)
	}
	users, err := client.ListUsers(ctx, &iam.ListUsersInput{})
	check(err)
	for _, u := range users.Users {
		keys, err := client.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: u.UserName})
		check(err)
		for _, k := range keys.AccessKeyMetadata {
			_, err := client.DeleteAccessKey(
				ctx, &iam.DeleteAccessKeyInput{UserName: u.UserName, AccessKeyId: k.AccessKeyId},
			)
			check(err)
		}
		attached, err := client.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: u.UserName})
		check(err)
		for _, p := range attached.AttachedPolicies {
			_, err := client.DetachUserPolicy(
				ctx, &iam.DetachUserPolicyInput{UserName: u.UserName, PolicyArn: p.PolicyArn},
			)
			check(err)
		}
		inline, err := client.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: u.UserName})
		check(err)
		for _, p := range inline.PolicyNames {
			_, err := client.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: u.UserName, PolicyName: &p})
			check(err)
		}
		_, err = client.DeleteUser(ctx, &iam.DeleteUserInput{UserName: u.UserName})
		check(err)
	}
	providers, err := client.ListSAMLProviders(ctx, &iam.ListSAMLProvidersInput{})
	check(err)
	for _, p := range providers.SAMLProviderList {
		_, err := client.DeleteSAMLProvider(ctx, &iam.DeleteSAMLProviderInput{SAMLProviderArn: p.Arn})
		check(err)
	}
	l.gate.Take()
}
