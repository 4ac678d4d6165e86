package admin

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/o365aws/o365aws/internal/awsfake"
)

// company is an organisation with a unit of n accounts.
type company struct {
	*lab
	org      *organizations.Client
	unit     string
	accounts []string
}

func companyOf(t testing.TB, side func() []Side, n int) *company {
	t.Helper()
	c := &company{lab: labAt(t, awsfake.SharedPlain(t), side, oneAccount)}
	c.gate.Reset(t)
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
	c.unit = *unit.OrganizationalUnit.Id
	for i := range n {
		c.join(fmt.Sprintf("team-%d", i+1), *roots.Roots[0].Id)
	}
	c.useUnits("")
	return c
}

// join makes an account in the unit.
func (c *company) join(name, root string) string {
	c.t.Helper()
	ctx := context.Background()
	made, err := c.org.CreateAccount(
		ctx,
		&organizations.CreateAccountInput{AccountName: aws.String(name), Email: aws.String(name + "@example.com")},
	)
	if err != nil {
		c.t.Fatal(err)
	}
	id := *made.CreateAccountStatus.AccountId
	if _, err := c.org.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &id, SourceParentId: aws.String(root), DestinationParentId: aws.String(c.unit)}); err != nil {
		c.t.Fatal(err)
	}
	c.accounts = append(c.accounts, id)
	return id
}

// useUnits makes the spec one of the unit; more are lines of organization.
func (c *company) useUnits(more string) {
	c.t.Helper()
	c.use(
		"tenant: " + awsfake.Tenant + "\nprovider: {metadata: metadata.xml}\norganization:\n  units: [" + c.unit + "]\n" + more + rolesWithoutPolicies(
			more,
		),
	)
}

// rolesWithoutPolicies are for a server that knows no policies of AWS's.
func rolesWithoutPolicies(spec string) string {
	if strings.Contains(spec, "roles:") {
		return ""
	}
	return "roles:\n- {name: azure.admin, inline: {all: {Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}}}\n- {name: azure.reader}\n"
}
