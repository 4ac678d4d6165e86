package admin

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/o365aws/o365aws/internal/mototest"
)

// Against moto's server itself, without the gate that makes up for what it
// lacks: others try a set-up there too, and it keeps no tags of providers.
func TestPlainMoto(t *testing.T) {
	l := newLab(t, fullSpec)
	mototest.Setenv(t, l.gate.Behind())
	l.applied()
	if again := l.applied(); again.Applied() != 0 {
		t.Errorf("the second run applied %d steps", again.Applied())
	}

	client, ctx := l.iam(), context.Background()
	if err := l.byHand(client)["provider: signing certificates"](ctx); err != nil {
		t.Fatal(err)
	}
	if changes := changesIn(l.plan()); !slices.Equal(changes, []string{"aws/" + mototest.Account + "/provider: signing certificates"}) {
		t.Errorf("the plan after a change by hand: %v", changes)
	}
	l.applied()

	removals, err := l.runner().Removals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := Destroy(ctx, removals, func(r Removal) {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	left, err := client.ListSAMLProviders(ctx, &iam.ListSAMLProvidersInput{})
	if err != nil || len(left.SAMLProviderList) != 0 {
		t.Errorf("providers left: %d %v", len(left.SAMLProviderList), err)
	}
}
