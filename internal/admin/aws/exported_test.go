package aws

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"go.yaml.in/yaml/v3"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsfake"
	"github.com/o365aws/o365aws/internal/testenv"
)

// exportSpec has what is hard to write: quotes, variables, an account.
const exportSpec = "tenant: " + awsfake.Tenant + "\n" + admintest.OneAccount + `
roles:
- name: azure.admin
  path: /sso/
  description: for "admins" and ${others}
  policies: [AdministratorAccess, "arn:aws:iam::{account}:policy/Deploy"]
  inline:
    own: {Statement: [{Effect: Allow, Action: "s3:*", Resource: "arn:{partition}:s3:::x-{account}/${aws:username}/*", Condition: {Bool: {"aws:SecureTransport": true}}}]}
  session: 2h
  permissions_boundary: PowerUserAccess
  tags: {team: platform}
- name: azure-admin
  policies: [job-function/ViewOnlyAccess]
`

func exported(t *testing.T) (*spec.Spec, metadata.Metadata) {
	t.Helper()
	m, err := metadata.Parse(awsfake.Metadata(t, awsfake.Certificate(t, 2048, admintest.LabEnds)))
	if err != nil {
		t.Fatal(err)
	}
	return admintest.MustParse(t, exportSpec), m
}

// lint runs cfn-lint, which comes with moto.
func lint(t *testing.T, template string) {
	t.Helper()
	testenv.Needs(t, "cfn-lint")
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := awsfake.Find("cfn-lint")
	if err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command(program, path).CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, output)
	}
}

// cfn-lint accepts both templates, and they hold what apply makes.
func TestCloudFormationExport(t *testing.T) {
	s, m := exported(t)
	text, err := CloudFormation(s, m)
	if err != nil {
		t.Fatal(err)
	}
	lint(t, text)
	organization := admintest.MustParse(t, "tenant: a.b\norganization: {units: [r-abcd]}\n")
	set, err := inOrganization{&Clients{}, organization, organization.Targets()[0]}.template(m, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	lint(t, set)

	var template struct {
		Resources map[string]struct {
			Type       string         `yaml:"Type"`
			Properties map[string]any `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(text), &template); err != nil {
		t.Fatal(err)
	}
	role := template.Resources[logicalID("azure.admin")].Properties
	if role["RoleName"] != "azure.admin" || role["Path"] != "/sso/" || role["MaxSessionDuration"] != 7200 {
		t.Errorf("role %v", role)
	}
	trust := strings.Replace(TrustPolicy(s, "1", s.Roles[0]), `"`+s.ProviderARN("1")+`"`, `{"Ref":"Provider"}`, 1)
	if got := spec.CompactJSON(role["AssumeRolePolicyDocument"]); !spec.SamePolicy(got, trust) {
		t.Errorf("trust policy %s, want %s", got, trust)
	}
	if got := spec.CompactJSON(role["ManagedPolicyArns"]); got != `["arn:aws:iam::aws:policy/AdministratorAccess",{"Fn::Sub":"arn:aws:iam::${AWS::AccountId}:policy/Deploy"}]` {
		t.Errorf("policies %s", got)
	}
	if want := "arn:aws:s3:::x-${AWS::AccountId}/${!aws:username}/*"; !strings.Contains(text, want) {
		t.Errorf("the inline policy lacks %s:\n%s", want, text)
	}
	if template.Resources["ImportUser"].Type != "AWS::IAM::User" || strings.Contains(text, "AccessKey") {
		t.Error("the import user is missing, or its key is not")
	}
}

// HashiCorp's own parser reads the configuration, terraform fmt would leave it
// as it is, and nothing of ours became a variable of Terraform's.
func TestTerraformExport(t *testing.T) {
	s, m := exported(t)
	text, err := Terraform(s, m)
	if err != nil {
		t.Fatal(err)
	}
	file, problems := hclsyntax.ParseConfig([]byte(text), "main.tf", hcl.InitialPos)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	if formatted := string(hclwrite.Format([]byte(text))); formatted != text {
		t.Errorf("terraform fmt would write\n%s\nnot\n%s", formatted, text)
	}
	var names, variables []string
	for _, block := range file.Body.(*hclsyntax.Body).Blocks {
		if block.Type == "resource" {
			names = append(names, strings.Join(block.Labels, "."))
		}
		for _, attribute := range block.Body.Attributes {
			for _, v := range attribute.Expr.Variables() {
				if root := v.RootName(); !slices.Contains(variables, root) {
					variables = append(variables, root)
				}
			}
			if attribute.Name == "description" {
				if v, bad := attribute.Expr.Value(nil); bad.HasErrors() ||
					v.AsString() != `for "admins" and ${others}` {
					t.Errorf("description %v %v", v, bad)
				}
			}
		}
	}
	want := `"arn:aws:s3:::x-${data.aws_caller_identity.current.account_id}/$${aws:username}/*"`
	if !strings.Contains(text, want) {
		t.Errorf("the inline policy lacks %s:\n%s", want, text)
	}
	slices.Sort(variables)
	if got := fmt.Sprint(variables); got != "[aws_iam_role aws_iam_saml_provider aws_iam_user data]" {
		t.Errorf("variables %s", got)
	}
	slices.Sort(names)
	if len(names) != len(slices.Compact(names)) || len(names) != 9 {
		t.Errorf("resources %v", names)
	}
}

// The least policy is JSON that names every action once a statement and the
// account's own resources, or a wildcard account for several.
func TestLeastPolicy(t *testing.T) {
	for accounts, want := range map[string]string{
		admintest.OneAccount: "arn:aws:iam::123456789012:role/azure.reader",
		"accounts: [{id: '123456789012'}, {id: '210987654321'}]\n": "arn:aws:iam::*:role/azure.reader",
	} {
		w := &engine.World{Spec: admintest.MustParse(t, "tenant: a.b\n"+accounts), Keys: &admintest.TenantKeys{}}
		steps, err := engine.Compose(w, Side(&Clients{}))
		if err != nil {
			t.Fatal(err)
		}
		var policy struct {
			Version   string
			Statement []struct{ Action, Resource []string }
		}
		if err := json.Unmarshal([]byte(engine.LeastPolicy(steps)), &policy); err != nil || policy.Version != "2012-10-17" {
			t.Fatal(err, policy.Version)
		}
		found := false
		for _, s := range policy.Statement {
			found = found || slices.Contains(s.Action, "iam:CreateRole") && slices.Contains(s.Resource, want)
			if slices.Contains(s.Resource, "*") &&
				!slices.Equal(s.Action, []string{"iam:GetAccountAuthorizationDetails", "iam:ListSAMLProviders"}) {
				t.Errorf("%v on everything", s.Action)
			}
		}
		if !found {
			t.Errorf("no statement lets iam:CreateRole on %s", want)
		}
	}
}
