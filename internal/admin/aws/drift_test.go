package aws

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/awsfake"
)

// fullSpec uses every attribute that a role may have.
const fullSpec = admintest.OneAccount + `
roles:
- name: azure.admin
  path: /sso/
  description: for admins
  policies: [AdministratorAccess, job-function/ViewOnlyAccess]
  inline:
    logs: {Statement: [{Effect: Allow, Action: "logs:*", Resource: "*"}]}
  session: 2h
  permissions_boundary: PowerUserAccess
  tags: {team: platform}
- name: azure.reader
  policies: [job-function/ViewOnlyAccess]
`

// byHand are the changes of a person in the console, by the attribute that the
// plan must name.
func byHand(l *admintest.Lab, client *iam.Client) map[string]func(context.Context) error {
	admin, reader, user := aws.String("azure.admin"), aws.String("azure.reader"), aws.String("AzureAAD")
	view := aws.String("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
	provider := aws.String(l.Spec.ProviderARN(awsfake.Account))
	document := aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	tag := func(key, value string) []types.Tag {
		return []types.Tag{{Key: aws.String(key), Value: aws.String(value)}}
	}
	return map[string]func(context.Context) error{
		"provider: signing certificates": func(ctx context.Context) error {
			other, err := metadata.Parse(
				awsfake.Metadata(l.T, awsfake.Certificate(l.T, 2048, time.Now().AddDate(1, 0, 0))),
			)
			if err == nil {
				_, err = client.UpdateSAMLProvider(
					ctx,
					&iam.UpdateSAMLProviderInput{
						SAMLProviderArn: provider, SAMLMetadataDocument: aws.String(string(other.Document)),
					},
				)
			}
			return err
		},
		"role/azure.admin: trust policy": func(ctx context.Context) error {
			_, err := client.UpdateAssumeRolePolicy(
				ctx,
				&iam.UpdateAssumeRolePolicyInput{RoleName: admin, PolicyDocument: aws.String(
					strings.Replace(TrustPolicy(l.Spec, awsfake.Account, l.Spec.Roles[0]), "https://signin", "https://evil", 1))},
			)
			return err
		},
		"role/azure.admin: session length": func(ctx context.Context) error {
			_, err := client.UpdateRole(
				ctx,
				&iam.UpdateRoleInput{
					RoleName: admin, MaxSessionDuration: aws.Int32(43200),
					Description: aws.String("for admins"),
				},
			)
			return err
		},
		"role/azure.admin: description": func(ctx context.Context) error {
			_, err := client.UpdateRole(
				ctx,
				&iam.UpdateRoleInput{
					RoleName: admin, MaxSessionDuration: aws.Int32(7200),
					Description: aws.String("else"),
				},
			)
			return err
		},
		"role/azure.reader: permissions boundary": func(ctx context.Context) error {
			_, err := client.PutRolePermissionsBoundary(
				ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: reader, PermissionsBoundary: view},
			)
			return err
		},
		"role/azure.admin: permissions boundary": func(ctx context.Context) error {
			_, err := client.DeleteRolePermissionsBoundary(
				ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: admin},
			)
			return err
		},
		"role/azure.admin: policy": func(ctx context.Context) error {
			_, err := client.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: admin, PolicyArn: view})
			return err
		},
		"role/azure.reader: policy": func(ctx context.Context) error {
			_, err := client.AttachRolePolicy(
				ctx,
				&iam.AttachRolePolicyInput{
					RoleName: reader, PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess"),
				},
			)
			return err
		},
		"role/azure.admin: inline policy logs": func(ctx context.Context) error {
			_, err := client.PutRolePolicy(
				ctx,
				&iam.PutRolePolicyInput{RoleName: admin, PolicyName: aws.String("logs"), PolicyDocument: document},
			)
			return err
		},
		"role/azure.reader: inline policy backdoor": func(ctx context.Context) error {
			_, err := client.PutRolePolicy(
				ctx,
				&iam.PutRolePolicyInput{RoleName: reader, PolicyName: aws.String("backdoor"), PolicyDocument: document},
			)
			return err
		},
		"role/azure.admin: tag team": func(ctx context.Context) error {
			_, err := client.TagRole(ctx, &iam.TagRoleInput{RoleName: admin, Tags: tag("team", "else")})
			return err
		},
		"import-user: inline policy AzureAAD.Policy": func(ctx context.Context) error {
			_, err := client.PutUserPolicy(
				ctx,
				&iam.PutUserPolicyInput{UserName: user, PolicyName: aws.String(importPolicy), PolicyDocument: document},
			)
			return err
		},
		"import-user: inline policy more": func(ctx context.Context) error {
			_, err := client.PutUserPolicy(
				ctx,
				&iam.PutUserPolicyInput{UserName: user, PolicyName: aws.String("more"), PolicyDocument: document},
			)
			return err
		},
		"import-user: policy": func(ctx context.Context) error {
			_, err := client.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: user, PolicyArn: view})
			return err
		},
		"import-key: access key": func(ctx context.Context) error {
			_, err := client.UpdateAccessKey(
				ctx,
				&iam.UpdateAccessKeyInput{
					UserName: user, AccessKeyId: aws.String(l.Keys.Last().ID),
					Status: types.StatusTypeInactive,
				},
			)
			return err
		},
		"import-key: access keys": func(ctx context.Context) error {
			_, err := client.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: user})
			return err
		},
	}
}

// Manual changes are named by plan and reverted by apply.
func TestDriftIsNamedAndReverted(t *testing.T) {
	l := newLab(t, fullSpec)
	l.Applied()
	client := l.IAM()
	for _, name := range slices.Sorted(maps.Keys(byHand(l, client))) {
		change := byHand(l, client)[name]
		if err := change(context.Background()); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := "aws/" + awsfake.Account + "/" + name
		if got := admintest.ChangesIn(l.Plan()); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: the plan names %v", name, got)
		}
		l.Applied()
		if got := admintest.ChangesIn(l.Plan()); len(got) != 0 {
			t.Errorf("%s: after apply the plan names %v", name, got)
		}
	}
}

// What is gone altogether is made again.
func TestWhatWasDeletedIsMadeAgain(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	l.Applied()
	client, ctx := l.IAM(), context.Background()
	if _, err := client.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: aws.String("azure.reader"), PolicyArn: aws.String("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("azure.reader")}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("AzureAAD"), AccessKeyId: aws.String(l.Keys.Last().ID)}); err != nil {
		t.Fatal(err)
	}
	report := l.Plan()
	for _, id := range []engine.ID{engine.RoleStep(awsfake.Account, "azure.reader"), engine.ImportKeyStep(awsfake.Account)} {
		if r, _ := report.Find(id); r.Finding.Status != engine.Missing {
			t.Errorf("%s is %s", id, r.Finding.Status)
		}
	}
	l.Applied()
	if len(l.Keys.Taken) != 2 {
		t.Errorf("the tenant took %d keys", len(l.Keys.Taken))
	}
}

// Another download of the same metadata, with another id and signature, is
// the same metadata.
func TestMetadataIsComparedByMeaning(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	l.Applied()
	before, after := awsfake.Certificate(t, 2048, admintest.LabEnds), awsfake.Certificate(t, 2048, admintest.LabEnds.AddDate(1, 0, 0))
	l.Metadata(awsfake.Metadata(t, before, after))
	l.Applied()
	l.Metadata(awsfake.Metadata(t, after, before)) // another order, id and signature
	if got := admintest.ChangesIn(l.Plan()); len(got) != 0 {
		t.Errorf("the plan names %v", got)
	}
}

// What is there already and not ours is reported, and taken over only when
// the spec says so. Its description is from before.
func TestAdoption(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	client, ctx := l.IAM(), context.Background()
	if _, err := client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("azure.admin"), Description: aws.String("old"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}); err != nil {
		t.Fatal(err)
	}
	report := l.Apply()
	r, _ := report.Find(engine.RoleStep(awsfake.Account, "azure.admin"))
	if r.Err == nil || !strings.Contains(r.Err.Error(), "already exists and was not created by this setup") ||
		len(report.Failed()) != 1 {
		t.Fatalf("a foreign role: %v", report.Err())
	}
	if writes := awsfake.Writes(l.Gate.Take()); slices.Contains(writes, "iam:UpdateRole") ||
		slices.Contains(writes, "iam:TagRole") {
		t.Errorf("a foreign role was changed: %v", writes)
	}
	l.Use(
		"tenant: " + awsfake.Tenant + "\nprovider: {metadata: metadata.xml}\n" + admintest.OneAccount + "roles: [{name: azure.admin, policies: [AdministratorAccess], adopt: true}]\n",
	)
	l.Applied()
	l.Use(
		"tenant: " + awsfake.Tenant + "\nprovider: {metadata: metadata.xml}\n" + admintest.OneAccount + "roles: [{name: azure.admin, policies: [AdministratorAccess]}]\n",
	)
	if got := admintest.ChangesIn(l.Plan()); len(got) != 0 {
		t.Errorf("after the adoption the plan names %v", got)
	}
}

// A provider of the spec's name that another tool created is not deleted, also
// with a custom endpoint.
func TestProviderOfAnother(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	document := bytes.TrimPrefix(awsfake.Metadata(t, admintest.LabCertificate), metadata.ByteOrderMark)
	if _, err := l.IAM().CreateSAMLProvider(t.Context(), &iam.CreateSAMLProviderInput{
		Name: aws.String(l.Spec.Provider.Name), SAMLMetadataDocument: aws.String(string(document)),
	}); err != nil {
		t.Fatal(err)
	}
	removals, err := l.Runner().Removals(t.Context())
	if err != nil || len(removals) != 1 || !strings.Contains(removals[0].Undo.Keep, "does not have the tag") {
		t.Errorf("got %+v and error %v, want one provider that stays", removals, err)
	}
}
