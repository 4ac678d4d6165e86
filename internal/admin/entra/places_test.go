package entra

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsfake"
	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
)

const (
	otherAccount = "222222222222"
	oneOfTwo     = "tenant: " + fakecloud.TenantDomain + "\nprovisioning: {style: merge}\n" +
		"roles: [{name: azure.admin}]\naccounts:\n- {id: '" + awsfake.Account + "'}\n" +
		"- {id: '333333333333', assume_role: OrganizationAccountAccessRole}\n"
	entryOfOther = "- {id: '" + otherAccount + "', assume_role: OrganizationAccountAccessRole}\n"
)

// groups returns the headings and resources of removals.
func groups(removals []engine.Removal) []string {
	var all []string
	for _, r := range removals {
		text := r.Group() + ": " + r.Undo.What
		if r.Err != nil {
			text += ": " + r.Err.Error()
		}
		all = append(all, text)
	}
	return all
}

// rolesOf returns the roles for sign-ins in an account.
func (l *tenantLab) rolesOf(account string) string {
	l.T.Helper()
	entry := spec.Account{ID: account, AssumeRole: "OrganizationAccountAccessRole"}
	roles, err := l.tenant().AWS.Federated(l.T.Context(), l.Spec, entry)
	if err != nil {
		l.T.Fatal(err)
	}
	var all []string
	for _, r := range roles {
		all = append(all, r.ARN)
	}
	return strings.Join(all, " ")
}

// remaining returns the roles of the other account and the stack sets.
func (l *tenantLab) remaining() string {
	l.T.Helper()
	cfg, err := config.LoadDefaultConfig(l.T.Context())
	if err != nil {
		l.T.Fatal(err)
	}
	sets, err := cloudformation.NewFromConfig(cfg).ListStackSets(l.T.Context(), &cloudformation.ListStackSetsInput{})
	if err != nil {
		l.T.Fatal(err)
	}
	all := l.rolesOf(otherAccount)
	for _, set := range sets.Summaries {
		if set.Status == types.StackSetStatusActive {
			all += " " + *set.StackSetName
		}
	}
	return all
}

// newFormerLab returns a setup with an account and an organization that have been
// removed from the spec. Like AWS, it refuses calls of the management account as a
// delegated administrator.
func newFormerLab(t *testing.T) (*tenantLab, *admintest.Company) {
	l, c := newMotoCompany(t, 1, fakegraph.Options{})
	c.Gate.Before(func(call awsfake.Call) *awsfake.Refusal {
		if call.Params.Get("CallAs") == "DELEGATED_ADMIN" {
			return awsfake.Refuse("ValidationError")
		}
		return nil
	})
	l.Use(oneOfTwo + entryOfOther + "organization: {units: [" + c.Unit + "]}\n")
	l.applied()
	if plan := l.plan(); !plan.Satisfied() {
		t.Fatalf("got changes %q and deletions %q, want none", admintest.ChangesIn(plan), groups(plan.Obsolete))
	}
	l.Use(oneOfTwo)
	return l, c
}

// Resources in accounts and stack sets that have been removed from the spec are obsolete.
func TestFormerPlaces(t *testing.T) {
	l, _ := newFormerLab(t)
	l.applied()
	const set = "stack set o365aws-office365"
	want := []string{
		"account " + otherAccount + ": role azure.admin",
		"account " + otherAccount + ": SAML provider AzureAD",
		"account " + otherAccount + ": its record in the application",
		"organization: " + set + " and its stacks in 1 accounts",
		set + " in us-east-1: its record in the application",
	}
	if diff := cmp.Diff(want, groups(l.plan().Obsolete)[1:]); diff != "" {
		t.Errorf("obsolete (-want +got):\n%s", diff)
	}
	l.pruned()
	if got := l.remaining(); got != "" {
		t.Errorf("left: %s", got)
	}
	l.settled()
	l.destroyed()
}

// Interrupted after any write, the next deletion reaches the same state.
func TestFormerPlacesInterrupted(t *testing.T) {
	l, c := newFormerLab(t)
	for n := 1; ; n++ {
		l.Use(oneOfTwo + entryOfOther + "organization: {units: [" + c.Unit + "]}\n")
		l.applied()
		l.Use(oneOfTwo)
		err := l.interruptedAt(n, func(ctx context.Context) error {
			return engine.Destroy(ctx, l.plan().Obsolete, func(engine.Removal) {})
		})
		l.pruned()
		if got := l.remaining(); got != "" {
			t.Errorf("after write %d: left %s", n, got)
		}
		if err == nil {
			return
		}
		if n > 30 {
			t.Fatal("the deletion never ends")
		}
	}
}

// destroy deletes them too. It deletes the application last, and only if nothing that
// it records remains.
func TestDestroyFormerPlaces(t *testing.T) {
	l, c := newFormerLab(t)
	denied := false
	c.Gate.Before(func(call awsfake.Call) *awsfake.Refusal {
		if !denied && strings.Contains(call.Params.Get("SAMLProviderArn"), otherAccount) && call.Write() {
			denied = true
			return awsfake.Refuse("AccessDenied")
		}
		return nil
	})
	removals, err := l.runner().Removals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if last := removals[len(removals)-1].Undo.What; !strings.HasPrefix(last, "application ") {
		t.Errorf("got the last deletion %q, want the application", last)
	}
	if err := engine.Destroy(t.Context(), removals, func(engine.Removal) {}); err != nil {
		t.Fatal(err)
	}
	if there, _ := l.cloud.Graph.Applications(); there != 1 {
		t.Errorf("got %d applications after a failure, want 1", there)
	}
	l.destroyed()
	if got := l.remaining(); got != "" {
		t.Errorf("left: %s", got)
	}
}

// An account without access is reported. The setting removed deletes its resources with
// other credentials, or retains them.
func TestFormerAccountWithoutAccess(t *testing.T) {
	l, c := newFormerLab(t)
	l.applied()
	c.Gate.Before(func(call awsfake.Call) *awsfake.Refusal {
		if call.Name() == "sts:AssumeRole" && strings.Contains(call.Params.Get("RoleArn"), otherAccount) {
			return awsfake.Refuse("AccessDenied")
		}
		return nil
	})
	plan := l.plan()
	if plan.Satisfied() || !plan.Unseen() {
		t.Errorf("got %q, want an account that cannot be looked up", groups(plan.Obsolete))
	}
	l.Use(oneOfTwo + "- {id: '" + otherAccount + "', removed: retain}\n")
	l.pruned()
	l.settled()
	c.Gate.Before(nil)
	l.Use(oneOfTwo + "- {id: '" + otherAccount + "', assume_role: OrganizationAccountAccessRole, removed: delete}\n")
	l.pruned()
	if got := l.rolesOf(otherAccount); got != "" {
		t.Errorf("left: %s", got)
	}
}

// A renamed stack set would conflict with the old one, which has roles of the same names
// in the accounts.
func TestRenamedStackSet(t *testing.T) {
	l, c := newFormerLab(t)
	organization := func(more string) string {
		return oneOfTwo + entryOfOther + "organization: {units: [" + c.Unit + "], stack_set: other" + more + "}\n"
	}
	l.Use(organization(""))
	r, _ := l.plan().Find(aws.StepStackSet)
	want := "stack set o365aws-office365 in us-east-1 has stacks in the same accounts"
	if r.Finding.Status != engine.Forbidden || r.Finding.Reason != want {
		t.Errorf("got %s %q, want %q", r.Finding.Status, r.Finding.Reason, want)
	}
	l.Use(organization(", removed: delete"))
	l.applied()
	l.pruned()
	l.Use(organization(""))
	l.applied()
	if got, want := l.remaining(), " other"; !strings.HasSuffix(got, want) || strings.Contains(got, "office365") {
		t.Errorf("got %q, want the new stack set only", got)
	}
}

// Without access to AWS, the application stays while it records places that have been
// removed from the spec, unless the spec retains them.
func TestDestroyTenantOnly(t *testing.T) {
	l, c := newFormerLab(t)
	destroy := func() error {
		r := l.runner()
		tenant := l.tenant()
		tenant.EntraOnly = true
		steps, err := engine.Compose(r.World, tenant.Steps)
		if err != nil {
			t.Fatal(err)
		}
		r.Steps = steps
		removals, err := r.Removals(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var failed error
		_ = engine.Destroy(t.Context(), removals, func(r engine.Removal) { failed = errors.Join(failed, r.Err) })
		return failed
	}
	if err := destroy(); err == nil || !strings.Contains(err.Error(), "account "+otherAccount) {
		t.Errorf("got error %v, want one that names the account", err)
	}
	l.Use(oneOfTwo + "- {id: '" + otherAccount + "', removed: retain}\n" +
		"organization: {units: [" + c.Unit + "], removed: retain}\n")
	if err := destroy(); err != nil {
		t.Errorf("got error %v, want none", err)
	}
	if there, _ := l.cloud.Graph.Applications(); there != 0 {
		t.Errorf("got %d applications, want none", there)
	}
}

// An application with the tag of another setup stays.
func TestDestroySharedApplication(t *testing.T) {
	l := newEmulatorLab(t, fakegraph.Options{}, "provisioning: {style: merge}\n")
	l.applied()
	l.cloud.Graph.EditApplication(func(a *fakegraph.EditableApp) { a.Tags = append(a.Tags, "o365aws:other") })
	removals, err := l.runner().Removals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := removals[len(removals)-1].Undo
	if want := "the setup other uses it too"; last.Keep != want || last.Do != nil {
		t.Errorf("got %q, want %q", last.Keep, want)
	}
}

func TestRecords(t *testing.T) {
	s := admintest.MustParse(t, "tenant: a.b\naccounts: [{id: '"+otherAccount+"'}]\n")
	want := []spec.Place{"eu-west-1/set/r-abcd"}
	for i := range 300 {
		want = append(want, spec.Place(fmt.Sprintf("%012d", i)))
	}
	slices.Sort(want)
	foreign := []string{"WindowsAzureActiveDirectoryIntegratedApp", "o365aws:office365", "o365aws:other:in:" + otherAccount}
	edited := append(slices.Clone(foreign), "o365aws:office365:in:", "o365aws:office365:in:12,x/y/z,../set/r-abcd")
	tags := withRecords(s, edited, want)
	if diff := cmp.Diff(want, recorded(s, tags)); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	if got := tags[:len(foreign)]; !slices.Equal(got, foreign) {
		t.Errorf("got tags %q, want %q", got, foreign)
	}
	for _, tag := range tags {
		if len(tag) > maxRecord {
			t.Errorf("the tag %s has %d characters", tag, len(tag))
		}
	}
	if got := recorded(s, edited); len(got) != 0 {
		t.Errorf("got %q from edited records, want none", got)
	}
	if got := withRecords(s, tags, nil); !slices.Equal(got, foreign) {
		t.Errorf("got tags %q without records, want %q", got, foreign)
	}
}
