package aws

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsfake"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(childSpec); file != "" {
		if err := applyInChild(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	awsfake.Main(m)
}

// sides is the AWS side alone.
func sides() []engine.Side { return []engine.Side{Side(&Clients{})} }

func newLab(t *testing.T, spec string) *admintest.Lab {
	t.Helper()
	return admintest.SharedLab(t, sides, spec)
}

func newCompany(t testing.TB, n int) *admintest.Company {
	t.Helper()
	return admintest.NewCompany(t, sides, n)
}

// From an empty account to the import user's key, checked with the AWS CLI;
// and a second run writes nothing.
func TestApplyMakesThePost(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	if plan := l.Plan(); plan.Open() != 5 { // provider, two roles, user, key
		t.Fatalf("plan of an empty account: %v", admintest.ChangesIn(plan))
	}
	if writes := awsfake.Writes(l.Gate.Take()); len(writes) != 0 {
		t.Fatalf("plan wrote: %v", writes)
	}
	l.Applied()
	writes := awsfake.Writes(l.Gate.Take())
	slices.Sort(writes)
	want := []string{
		"iam:AttachRolePolicy", "iam:AttachRolePolicy", "iam:CreateAccessKey", "iam:CreateRole", "iam:CreateRole",
		"iam:CreateSAMLProvider", "iam:CreateUser", "iam:PutUserPolicy", "iam:TagUser",
	}
	if !slices.Equal(writes, want) {
		t.Errorf("writes %v", writes)
	}
	seenByCLI(l)

	if report := l.Applied(); report.Applied() != 0 {
		t.Errorf("the second run applied %d steps", report.Applied())
	}
	if writes := awsfake.Writes(l.Gate.Take()); len(writes) != 0 {
		t.Errorf("the second run wrote %v", writes)
	}
	if plan := l.Plan(); plan.Open() != 0 {
		t.Errorf("the plan afterwards: %v", admintest.ChangesIn(plan))
	}
}

// seenByCLI checks with the AWS CLI what apply created.
func seenByCLI(l *admintest.Lab) {
	l.T.Helper()
	t := l.T
	var provider struct{ SAMLMetadataDocument string }
	l.CLI(
		&provider, "iam", "get-saml-provider", "--saml-provider-arn",
		"arn:aws:iam::123456789012:saml-provider/AzureAD",
	)
	if strings.HasPrefix(provider.SAMLMetadataDocument, "\ufeff") ||
		!strings.Contains(provider.SAMLMetadataDocument, awsfake.Tenant) {
		t.Error("the provider's metadata is not the application's without byte order mark")
	}
	for role, policy := range map[string]string{
		"azure.admin": "arn:aws:iam::aws:policy/AdministratorAccess", "azure.reader": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
	} {
		var attached struct{ AttachedPolicies []struct{ PolicyArn string } }
		l.CLI(&attached, "iam", "list-attached-role-policies", "--role-name", role)
		if len(attached.AttachedPolicies) != 1 || attached.AttachedPolicies[0].PolicyArn != policy {
			t.Errorf("role %s has %v", role, attached)
		}
		var got struct {
			Role struct{ AssumeRolePolicyDocument json.RawMessage }
		}
		l.CLI(&got, "iam", "get-role", "--role-name", role)
		if trust := string(got.Role.AssumeRolePolicyDocument); !spec.SamePolicy(
			trust,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/AzureAD"},`+
				`"Action":["sts:AssumeRoleWithSAML"],"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`,
		) {
			t.Errorf("role %s trusts %s", role, trust)
		}
	}
	var policy struct{ PolicyDocument json.RawMessage }
	l.CLI(&policy, "iam", "get-user-policy", "--user-name", "AzureAAD", "--policy-name", "AzureAAD.Policy")
	if !spec.SamePolicy(
		string(policy.PolicyDocument),
		`{"Version":"2012-10-17","Statement":[{"Action":["iam:ListRoles"],"Effect":"Allow","Resource":["*"]}]}`,
	) {
		t.Errorf("user policy %s", policy.PolicyDocument)
	}
	var keys struct {
		AccessKeyMetadata []struct {
			ID string `json:"AccessKeyId"`
		}
	}
	l.CLI(&keys, "iam", "list-access-keys", "--user-name", "AzureAAD")
	if len(keys.AccessKeyMetadata) != 1 || keys.AccessKeyMetadata[0].ID != l.Keys.Last().ID ||
		l.Keys.Last().Secret.IsZero() {
		t.Errorf("keys %v, the tenant has %v", keys, l.Keys.Last().ID)
	}
}
