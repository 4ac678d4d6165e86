package admin

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/o365aws/o365aws/internal/awsfake"
)

// Against moto's server itself, without the gate that makes up for what it
// lacks: others try a set-up there too, and it keeps no tags of providers.
func TestPlainMoto(t *testing.T) {
	l := newLab(t, fullSpec)
	awsfake.Setenv(t, l.gate.Behind())
	l.applied()
	if again := l.applied(); again.Applied() != 0 {
		t.Errorf("the second run applied %d steps", again.Applied())
	}

	client, ctx := l.iam(), context.Background()
	if err := l.byHand(client)["provider: signing certificates"](ctx); err != nil {
		t.Fatal(err)
	}
	if changes := changesIn(l.plan()); !slices.Equal(
		changes, []string{"aws/" + awsfake.Account + "/provider: signing certificates"},
	) {
		t.Errorf("the plan after a change by hand: %v", changes)
	}
	l.applied()

	l.destroyed()
	left, err := client.ListSAMLProviders(ctx, &iam.ListSAMLProvidersInput{})
	if err != nil || len(left.SAMLProviderList) != 0 {
		t.Errorf("providers left: %d %v", len(left.SAMLProviderList), err)
	}
}

// And an organisation there: moto does not know the question about trusted
// access, shows no automatic deployment and deletes by account only.
func TestPlainMotoOrganization(t *testing.T) {
	c := newCompany(t, 2)
	awsfake.Setenv(t, c.gate.Behind())
	c.applied()
	var stacks struct{ Summaries []struct{ Account string } }
	c.aws(&stacks, "cloudformation", "list-stack-instances", "--stack-set-name", c.spec.Organization.StackSet)
	if len(stacks.Summaries) != len(c.accounts) {
		t.Errorf("stacks of %v", stacks)
	}
	if again := c.applied(); again.Applied() != 0 {
		t.Errorf("the second run applied %d steps", again.Applied())
	}
	c.destroyed()
	var sets struct{ Summaries []struct{ Status string } }
	c.aws(&sets, "cloudformation", "list-stack-sets", "--status", "ACTIVE")
	for _, set := range sets.Summaries {
		if set.Status == "ACTIVE" {
			t.Error("the stack set is there still")
		}
	}
}

// destroyed takes away all that is ours.
func (l *lab) destroyed() {
	l.t.Helper()
	removals, err := l.runner().Removals(context.Background())
	if err != nil {
		l.t.Fatal(err)
	}
	if err := Destroy(context.Background(), removals, func(r Removal) {
		if r.Err != nil {
			l.t.Error(r.Err)
		}
	}); err != nil {
		l.t.Fatal(err)
	}
}
