package aws

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
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
		!strings.Contains(err.Error(), "already exists and was not created by this setup") {
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
	if r.Err == nil || !strings.Contains(r.Err.Error(), taken+" (SAML provider AzureAD)") ||
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
	o := inOrganization{&Clients{}, s, s.Targets()[0]}
	if _, err := o.template(m, nil, false); err == nil || !strings.Contains(err.Error(), "CloudFormation accepts 51200") {
		t.Errorf("a template that is too large: %v", err)
	}
	s.Organization.Bucket = "templates"
	o.org = s.Targets()[0]
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

// completeStack creates what moto omits from the stack of an account: the provider, and
// its ARN in the trust policies.
func completeStack(c *admintest.Company, account string) {
	c.T.Helper()
	client := memberIAM(c, account)
	data, err := os.ReadFile(filepath.Join(c.Dir, "metadata.xml"))
	if err != nil {
		c.T.Fatal(err)
	}
	m, err := metadata.Parse(data) // removes the byte order mark
	if err != nil {
		c.T.Fatal(err)
	}
	if _, err := client.CreateSAMLProvider(c.T.Context(), &iam.CreateSAMLProviderInput{
		Name: aws.String(c.Spec.Provider.Name), SAMLMetadataDocument: aws.String(string(m.Document)),
		Tags: tagList(ours(c.Spec, nil)),
	}); err != nil {
		c.T.Fatal(err)
	}
	for _, r := range c.Spec.RolesIn(account) {
		if _, err := client.UpdateAssumeRolePolicy(c.T.Context(), &iam.UpdateAssumeRolePolicyInput{
			RoleName: aws.String(r.Name), PolicyDocument: aws.String(TrustPolicy(c.Spec, account, r)),
		}); err != nil {
			c.T.Fatal(err)
		}
	}
}

// With scan_role, plan reports roles that exist before the stack, and changes by hand.
func TestMembers(t *testing.T) {
	c := newCompany(t, 2)
	const scan = "  scan_role: OrganizationAccountAccessRole\n"
	c.UseUnits(scan + "roles: [{name: azure.admin}, {name: azure.reader}]\n")
	taken := memberIAM(c, c.Accounts[1])
	const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},` +
		`"Action":"sts:AssumeRole"}]}`
	role := &iam.CreateRoleInput{RoleName: aws.String("azure.reader"), AssumeRolePolicyDocument: aws.String(trust)}
	if _, err := taken.CreateRole(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	r, _ := c.Plan().Find(StepScan)
	if want := c.Accounts[1] + " (role azure.reader)"; !strings.HasSuffix(r.Finding.Reason, want) {
		t.Errorf("got %q, want %q", r.Finding.Reason, want)
	}
	if _, err := taken.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: role.RoleName}); err != nil {
		t.Fatal(err)
	}
	c.Apply()
	for _, account := range c.Accounts {
		completeStack(c, account)
	}
	if got := admintest.ChangesIn(c.Plan()); len(got) != 0 {
		t.Fatalf("got changes %q, want none", got)
	}
	changed := memberIAM(c, c.Accounts[0])
	if _, err := changed.UpdateRole(t.Context(), &iam.UpdateRoleInput{
		RoleName: aws.String("azure.admin"), MaxSessionDuration: aws.Int32(7200),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := changed.DeleteSAMLProvider(t.Context(), &iam.DeleteSAMLProviderInput{
		SAMLProviderArn: aws.String(c.Spec.ProviderARN(c.Accounts[0])),
	}); err != nil {
		t.Fatal(err)
	}
	prefix := string(StepMembers) + ": account " + c.Accounts[0]
	want := []string{prefix + ": SAML provider: state", prefix + ": role azure.admin: session length"}
	if got := admintest.ChangesIn(c.Plan()); !slices.Equal(got, want) {
		t.Errorf("got changes %q, want %q", got, want)
	}

	// A role that is not deployed as in the spec yet is out of date in the template only.
	c.UseUnits(scan + "roles: [{name: azure.admin, session: 3h}, {name: azure.reader}]\n")
	want = []string{"aws/organization/stack-set: template: role azure.admin", prefix + ": SAML provider: state"}
	if got := admintest.ChangesIn(c.Plan()); !slices.Equal(got, want) {
		t.Errorf("got changes %q, want %q", got, want)
	}
}

// Targets have stack sets, roles and accounts of their own.
func TestTargets(t *testing.T) {
	c := newCompany(t, 2)
	root := spec.Organization{Units: []string{c.Unit}}.Root()
	var made struct{ OrganizationalUnit struct{ ID string } }
	c.CLI(&made, "organizations", "create-organizational-unit", "--parent-id", root, "--name", "other")
	other := made.OrganizationalUnit.ID
	c.CLI(nil, "organizations", "move-account", "--account-id", c.Accounts[1], "--source-parent-id", c.Unit,
		"--destination-parent-id", other)
	target := func(name, unit, role string) string {
		return "  - {name: " + name + ", units: [" + unit + "], roles: [" + role + "]}\n"
	}
	use := func(targets ...string) {
		c.Use("tenant: " + awsfake.Tenant + "\nprovider: {metadata: metadata.xml}\n" +
			"roles: [{name: azure.admin}, {name: azure.reader}]\norganization:\n  targets:\n" + strings.Join(targets, ""))
	}
	one, two := target("one", c.Unit, "azure.admin"), target("two", other, "azure.reader")
	use(one, two)
	c.Applied()
	for i, want := range []string{"azure.admin", "azure.reader"} {
		completeStack(c, c.Accounts[i])
		entry := inOrganization{org: spec.Organization{ScanRole: "OrganizationAccountAccessRole"}}.entry(c.Accounts[i])
		roles, err := new(Clients).Federated(t.Context(), c.Spec, entry)
		if err != nil || len(roles) != 1 || !strings.HasSuffix(roles[0].ARN, ":role/"+want) {
			t.Errorf("account %s: got roles %v, error %v, want %s", c.Accounts[i], roles, err, want)
		}
		if got := c.Spec.RolesIn(c.Accounts[i]); len(got) != 1 || got[0].Name != want {
			t.Errorf("account %s: got roles %v in the spec, want %s", c.Accounts[i], got, want)
		}
	}
	use(two, one)
	if got := admintest.ChangesIn(c.Plan()); len(got) != 0 {
		t.Errorf("reordered: got changes %q, want none", got)
	}
	use(one, target("two", root, "azure.reader"))
	if err := c.Plan().Err(); err == nil || !strings.Contains(err.Error(), "in the targets") {
		t.Errorf("an account in two targets: got error %v", err)
	}
}
