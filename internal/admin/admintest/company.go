package admintest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/awsfake"
)

// Company is an organization with a unit of n accounts.
type Company struct {
	*Lab
	org      *organizations.Client
	Unit     string
	Accounts []string
}

func NewCompany(t testing.TB, side func() []engine.Side, n int) *Company {
	t.Helper()
	c := &Company{Lab: LabAt(t, awsfake.SharedPlain(t), side, OneAccount)}
	c.Gate.Reset(t)
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c.org = organizations.NewFromConfig(cfg)
	if _, err := c.org.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: "ALL"}); err != nil {
		t.Fatal(err)
	}
	roots, err := c.org.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	unit, err := c.org.CreateOrganizationalUnit(
		ctx, &organizations.CreateOrganizationalUnitInput{Name: aws.String("workloads"), ParentId: roots.Roots[0].Id},
	)
	if err != nil {
		t.Fatal(err)
	}
	c.Unit = *unit.OrganizationalUnit.Id
	for i := range n {
		c.join(fmt.Sprintf("team-%d", i+1), *roots.Roots[0].Id)
	}
	c.UseUnits("")
	return c
}

// join creates an account in the unit.
func (c *Company) join(name, root string) string {
	c.T.Helper()
	ctx := context.Background()
	made, err := c.org.CreateAccount(
		ctx,
		&organizations.CreateAccountInput{AccountName: aws.String(name), Email: aws.String(name + "@example.com")},
	)
	if err != nil {
		c.T.Fatal(err)
	}
	id := *made.CreateAccountStatus.AccountId
	if _, err := c.org.MoveAccount(ctx, &organizations.MoveAccountInput{
		AccountId: &id, SourceParentId: aws.String(root), DestinationParentId: aws.String(c.Unit),
	}); err != nil {
		c.T.Fatal(err)
	}
	c.Accounts = append(c.Accounts, id)
	return id
}

// UseUnits sets a spec with the unit. more are further lines of organization.
func (c *Company) UseUnits(more string) {
	c.T.Helper()
	c.Use("tenant: " + awsfake.Tenant + "\nprovider: {metadata: metadata.xml}\norganization:\n  units: [" + c.Unit +
		"]\n" + more + rolesWithoutPolicies(more))
}

// rolesWithoutPolicies returns roles for a server without AWS managed policies,
// unless spec has roles.
func rolesWithoutPolicies(spec string) string {
	if strings.Contains(spec, "roles:") {
		return ""
	}
	return "roles:\n- {name: azure.admin, inline: {all: {Statement: [{Effect: Allow, Action: '*', Resource: " +
		"'*'}]}}}\n- {name: azure.reader}\n"
}
