package aws

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsfake"
)

// A whole organization takes a handful of writes, however many its accounts
// are; the roles are there, and a second run writes nothing.
func TestOrganizationByStackSet(t *testing.T) {
	c := newCompany(t, 4)
	if plan := c.Plan(); plan.Open() != 3 { // trust, set, accounts
		t.Fatalf("the plan names %v", admintest.ChangesIn(plan))
	}
	c.Gate.Take()
	c.Applied()
	if writes := awsfake.Writes(c.Gate.Take()); !slices.Equal(
		writes,
		[]string{
			"cloudformation:ActivateOrganizationsAccess", "cloudformation:CreateStackSet",
			"cloudformation:CreateStackInstances",
		},
	) {
		t.Errorf("written %v", writes)
	}
	for _, account := range c.Accounts {
		if _, err := memberIAM(c, account).GetRole(context.Background(), &iam.GetRoleInput{RoleName: aws.String("azure.admin")}); err != nil {
			t.Errorf("account %s: %v", account, err)
		}
	}
	c.Applied()
	if writes := awsfake.Writes(c.Gate.Take()); len(writes) != 0 {
		t.Errorf("a second run wrote %v", writes)
	}
}

// A change of a role or of the certificate goes to all by one update.
func TestOrganizationDrift(t *testing.T) {
	c := newCompany(t, 2)
	c.Applied()
	c.Gate.Take()
	c.Metadata(awsfake.Metadata(t, awsfake.Certificate(t, 2048, time.Now().AddDate(3, 0, 0))))
	if got := admintest.ChangesIn(c.Plan()); !slices.Equal(got, []string{
		"aws/organization/stack-set: template: SAML provider",
	}) {
		t.Errorf("another certificate: the plan names %v", got)
	}
	c.UseUnits("roles: [{name: azure.admin, session: 4h}]\n")
	if got := admintest.ChangesIn(c.Plan()); !slices.Equal(
		got,
		[]string{
			"aws/organization/stack-set: template: SAML provider",
			"aws/organization/stack-set: template: role azure.admin",
		},
	) {
		t.Errorf("another role: the plan names %v", got)
	}
	c.UseUnits("  auto_deployment: false\n")
	if got := admintest.ChangesIn(c.Plan()); !slices.Contains(got, "aws/organization/stack-set: automatic deployment") {
		t.Errorf("automatic deployment: the plan names %v", got)
	}
	c.Applied()
	if writes := awsfake.Writes(c.Gate.Take()); !slices.Equal(writes, []string{"cloudformation:UpdateStackSet"}) {
		t.Errorf("written %v", writes)
	}
}

// A stack set that another tool created is not changed.
func TestForeignStackSet(t *testing.T) {
	c := newCompany(t, 1)
	c.Gate.Trust(true)
	awsfake.CLI(
		t, c.Gate.URL, "cloudformation", "create-stack-set", "--stack-set-name", c.Spec.Organization.StackSet,
		"--permission-model", "SERVICE_MANAGED", "--template-body", `{"Resources":{}}`,
	)
	c.Gate.Take()
	report := c.Apply()
	if err := report.Err(); err == nil ||
		!strings.Contains(err.Error(), "already exists and was not created by this set-up") {
		t.Errorf("err = %v", err)
	}
	if writes := awsfake.Writes(c.Gate.Take()); len(writes) != 0 {
		t.Errorf("written %v", writes)
	}
}

// An account that has the provider already is found before its stack fails.
func TestScanFindsTakenAccounts(t *testing.T) {
	c := newCompany(t, 3)
	m, err := metadata.Parse(awsfake.Metadata(t, awsfake.Certificate(t, 2048, admintest.LabEnds)))
	if err != nil {
		t.Fatal(err)
	}
	taken := c.Accounts[1]
	if _, err := memberIAM(c, taken).CreateSAMLProvider(context.Background(), &iam.CreateSAMLProviderInput{Name: aws.String("AzureAD"), SAMLMetadataDocument: aws.String(string(m.Document))}); err != nil {
		t.Fatal(err)
	}
	c.UseUnits("  scan_role: OrganizationAccountAccessRole\n")
	c.Gate.Trust(true)
	c.Gate.Take()
	report := c.Apply()
	r, _ := report.Find(StepScan)
	if r.Err == nil || !strings.Contains(r.Err.Error(), "already exists in "+taken) ||
		!strings.Contains(strings.Join(engine.HintsOf(r.Err), " "), "organization.exclude") {
		t.Errorf("the scan: %+v", r.Err)
	}
	if writes := awsfake.Writes(c.Gate.Take()); len(writes) != 0 {
		t.Errorf("written %v", writes)
	}
}

// The template is within CloudFormation's limits without the parts of the
// metadata that AWS does not read, and with the same meaning.
func TestTemplateHoldsTheEssence(t *testing.T) {
	var certificates []string
	for range 3 {
		certificates = append(certificates, awsfake.Certificate(t, 2048, admintest.LabEnds))
	}
	m, err := metadata.Parse(awsfake.Metadata(t, certificates...))
	if err != nil {
		t.Fatal(err)
	}
	essence, err := metadata.Parse(m.Essence())
	if err != nil {
		t.Fatal(err)
	}
	if d := m.Differences(essence); len(d) != 0 {
		t.Errorf("the essence differs: %v", d)
	}
	if len(essence.Document) > len(m.Document)*2/3 {
		t.Errorf("the essence has %d of %d bytes", len(essence.Document), len(m.Document))
	}
	s := admintest.MustParse(
		t,
		"tenant: a.b\norganization: {units: [r-abcd]}\nroles:\n- name: big\n  inline:\n    p: {Statement: "+
			"[{Effect: Allow, Action: '*', Resource: '"+strings.Repeat(
			"x", 52000,
		)+"'}]}\n",
	)
	o := inOrganization{&Clients{}, s}
	if _, err := o.template(m, nil, false); err == nil || !strings.Contains(err.Error(), "CloudFormation accepts 51200") {
		t.Errorf("a template that is too large: %v", err)
	}
	s.Organization.Bucket = "templates"
	body, err := o.template(m, nil, false)
	if err != nil || !json.Valid([]byte(body)) {
		t.Errorf("with a bucket: %v", err)
	}
}

// A template that is too large for a call goes by way of the bucket.
func TestLargeTemplateGoesByTheBucket(t *testing.T) {
	c := newCompany(t, 1)
	// moto takes the URL of a template for its own only under this name.
	t.Setenv("AWS_ENDPOINT_URL", strings.Replace(c.Gate.URL, "127.0.0.1", "localhost", 1))
	awsfake.CLI(t, c.Gate.URL, "s3api", "create-bucket", "--bucket", "templates")
	large := "roles:\n"
	for i := range 9 {
		large += fmt.Sprintf(
			"- {name: big%d, inline: {p: {Statement: [{Effect: Allow, Action: 's3:*', Resource: "+
				"'arn:aws:s3:::%s'}]}}}\n",
			i,
			strings.Repeat("x", 6000),
		)
	}
	c.UseUnits(large)
	report := c.Apply()
	if err := report.Err(); err == nil || !strings.Contains(err.Error(), "CloudFormation accepts 51200") {
		t.Fatalf("without a bucket: %v", err)
	}
	c.UseUnits("  template_bucket: templates\n" + large)
	c.Gate.Take()
	c.Applied()
	if writes := awsfake.Writes(c.Gate.Take()); len(writes) != 3 || writes[1] != "cloudformation:CreateStackSet" {
		t.Errorf("written %v", writes)
	}
	if got := admintest.ChangesIn(c.Plan()); len(got) != 0 {
		t.Errorf("afterwards the plan names %v", got)
	}
}

// member is a client in an account of the organization.
func memberIAM(c *admintest.Company, account string) *iam.Client {
	c.T.Helper()
	clients, err := (&Clients{}).account(
		context.Background(), c.Spec, spec.Account{ID: account, AssumeRole: "OrganizationAccountAccessRole"},
	)
	if err != nil {
		c.T.Fatal(err)
	}
	return clients.iam
}
