package aws

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/awsfake"
)

// Reordering, adding and removing roles never renames a resource of the
// template, and removed roles stay until they are deleted explicitly.
func TestStackSetKeepsLogicalIDs(t *testing.T) {
	c := newCompany(t, 1)
	const a, b, first = "{name: azure.a}", "{name: azure.b}", "{name: azure.0}"
	use := func(roles ...string) { c.UseUnits("roles: [" + strings.Join(roles, ", ") + "]\n") }
	use(a, b)
	c.Applied()
	use(b, a)
	if got := admintest.ChangesIn(c.Plan()); len(got) != 0 {
		t.Errorf("reordered: got changes %v, want none", got)
	}
	use(first, b, a)
	want := []string{"aws/organization/stack-set: template: role azure.0"}
	if got := admintest.ChangesIn(c.Plan()); !slices.Equal(got, want) {
		t.Errorf("added: got changes %v, want %v", got, want)
	}
	c.Applied()

	use(b)
	c.Applied()
	plan := c.Plan()
	if plan.Open() != 0 || plan.ToDelete() != 1 || plan.Satisfied() {
		t.Fatalf("removed: got %d open steps and %d deletions, want 0 and 1", plan.Open(), plan.ToDelete())
	}
	if what := plan.Obsolete[0].Undo.What; !strings.HasSuffix(what, ": azure.0, azure.a") {
		t.Errorf("got deletion %q, want azure.0 and azure.a", what)
	}
	err := engine.Destroy(context.Background(), plan.Obsolete, func(r engine.Removal) {
		if r.Err != nil {
			t.Error(r.Err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if plan = c.Plan(); !plan.Satisfied() {
		t.Errorf("after the deletion: got changes %v, %d deletions", admintest.ChangesIn(plan), plan.ToDelete())
	}

	use("{name: azure.b, path: /x/}")
	if err := c.Plan().Err(); err == nil || !strings.Contains(err.Error(), "cannot replace a role under its own name") {
		t.Errorf("another path: got error %v", err)
	}
}

// A set with logical ids by position stays at them.
func TestStackSetKeepsPositionalIDs(t *testing.T) {
	m, err := metadata.Parse(awsfake.Metadata(t, awsfake.Certificate(t, 2048, admintest.LabEnds)))
	if err != nil {
		t.Fatal(err)
	}
	s := admintest.MustParse(t, "tenant: a.b\norganization: {units: [r-abcd]}\nroles: [{name: x}, {name: azure.a}]\n")
	have := &cfn.StackSet{TemplateBody: aws.String(
		`{"Resources":{"Role1":{"Type":"AWS::IAM::Role","Properties":{"RoleName":"azure.a","Path":"/"}}}}`,
	)}
	body, err := inOrganization{&Clients{}, s, s.Targets()[0]}.template(m, have, true)
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Resources map[string]deployedRole }
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"Role1": "azure.a", logicalID("x"): "x"} {
		if name := got.Resources[id].Properties.RoleName; name != want {
			t.Errorf("%s: got role %q, want %q", id, name, want)
		}
	}
}

// Stacks in accounts that the spec no longer selects are deleted explicitly.
func TestStacksOfExcludedAccounts(t *testing.T) {
	c := newCompany(t, 2)
	c.Applied()
	c.UseUnits("  exclude: ['" + c.Accounts[1] + "']\n")
	plan := c.Plan()
	if plan.Open() != 0 || plan.ToDelete() != 1 || !strings.HasSuffix(plan.Obsolete[0].Undo.What, c.Accounts[1]) {
		t.Fatalf("got %d open steps and deletions %+v, want that in %s", plan.Open(), plan.Obsolete, c.Accounts[1])
	}
	if err := engine.Destroy(context.Background(), plan.Obsolete, func(r engine.Removal) {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if plan = c.Plan(); !plan.Satisfied() {
		t.Errorf("after the deletion: got changes %v, %d deletions", admintest.ChangesIn(plan), plan.ToDelete())
	}
}
