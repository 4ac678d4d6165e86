package entra

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
)

const (
	emulatorTenant = "tenant: " + fakecloud.TenantDomain + "\n" + emulatorAccount
	// fullSpec uses every setting that leaves something behind.
	fullSpec = emulatorTenant + "application: {claims: {session_duration: 2h}, owners: [grace@contoso.example]}\n" +
		"exclusive_assignments: true\n" + assignAda
	reducedSpec = emulatorTenant + "provisioning: {style: merge}\nexclusive_assignments: true\n" +
		"roles: [{name: azure.admin, policies: [AdministratorAccess]}]\n" +
		"assignments: [{user: ada@contoso.example, roles: [azure.admin]}]\n"
)

// obsolete returns what the spec no longer names.
func (l *tenantLab) obsolete() []engine.Removal {
	l.T.Helper()
	return slices.DeleteFunc(l.plan().Obsolete, func(r engine.Removal) bool { return r.Step.ID.Side() != engine.SideEntra })
}

// names returns what removals delete.
func names(removals []engine.Removal) []string {
	var all []string
	for _, r := range removals {
		if r.Err != nil {
			all = append(all, r.Err.Error())
		} else {
			all = append(all, r.Undo.What)
		}
	}
	return all
}

// pruned deletes what the spec no longer names.
func (l *tenantLab) pruned() {
	l.T.Helper()
	if err := engine.Destroy(l.T.Context(), l.plan().Obsolete, func(r engine.Removal) {
		if r.Err != nil {
			l.T.Errorf("%s: %v", r.Undo.What, r.Err)
		}
	}); err != nil {
		l.T.Fatal(err)
	}
	if left := l.plan().Obsolete; len(left) != 0 {
		l.T.Errorf("left: %q", names(left))
	}
}

// addOwner adds an owner by hand.
func (l *tenantLab) addOwner(id string) {
	l.cloud.Graph.EditApplication(func(a *fakegraph.EditableApp) { a.Owners = append(a.Owners, id) })
}

// What the spec no longer names is obsolete; what was added by hand is not.
func TestObsolete(t *testing.T) {
	l := newEmulatorLab(t, fakegraph.Options{}, "")
	l.Use(fullSpec)
	l.applied()
	l.addOwner("by-hand")
	if got := names(l.obsolete()); !slices.Equal(got, []string{"owner by-hand"}) {
		t.Errorf("got %q before the spec changes, want the owner that stays", got)
	}
	l.Use(reducedSpec)
	l.applied()
	want := []string{
		"claims policy o365aws office365", "owner grace@contoso.example", "provisioning (paused)",
		"from the application: 1 role " + fakecloud.AccountID + "/azure.reader",
		"assignment of " + fakecloud.AccountID + "/azure.reader to AWS Readers (00000000-0000-4000-9000-000000000002)",
		"assignment of " + fakecloud.AccountID + "/azure.reader to Ada Lovelace (ada@contoso.example)",
	}
	if diff := cmp.Diff(want, names(l.obsolete())); diff != "" {
		t.Errorf("obsolete (-want +got):\n%s", diff)
	}
	l.pruned()
	if got := l.cloud.Graph.Owners(); !slices.Equal(got, []string{"by-hand"}) {
		t.Errorf("got owners %q, want the one that was added by hand", got)
	}
	if got := l.cloud.Graph.Assigned(); len(got) != 1 || !strings.HasPrefix(got[0], "Ada Lovelace: ") {
		t.Errorf("got assignments %q, want one", got)
	}
	l.settled()
}

// Interrupted after any write, the next deletion reaches the same state.
func TestObsoleteInterrupted(t *testing.T) {
	for n := 1; ; n++ {
		l := newEmulatorLab(t, fakegraph.Options{}, "")
		l.Use(fullSpec)
		l.applied()
		l.Use(reducedSpec)
		err := l.interruptedAt(n, func(ctx context.Context) error {
			if _, err := l.runner().Apply(ctx, engine.Report{}); err != nil {
				return err
			}
			return engine.Destroy(ctx, l.plan().Obsolete, func(engine.Removal) {})
		})
		l.applied()
		l.pruned()
		if owners := l.cloud.Graph.Owners(); len(owners) != 0 || len(l.cloud.Graph.Assigned()) != 1 {
			t.Errorf("after write %d: owners %q, assignments %q", n, owners, l.cloud.Graph.Assigned())
		}
		l.destroyed()
		if err == nil {
			break
		}
		if n > 30 {
			t.Fatal("the deletion never ends")
		}
	}
}

// Without exclusive_assignments, other assignments cause a warning, also if the spec
// has none.
func TestOtherAssignments(t *testing.T) {
	l := newEmulatorLab(t, fakegraph.Options{}, assignAda)
	l.applied()
	l.Use(emulatorTenant)
	r, _ := l.plan().Find(stepAssignments)
	if len(r.Finding.Warnings) != 1 || !strings.Contains(r.Finding.Warnings[0], "3 assignments are not in the spec") {
		t.Errorf("got %q, want a warning about 3 assignments", r.Finding.Warnings)
	}
	if got := names(l.obsolete()); len(got) != 0 {
		t.Errorf("got %q, want none", got)
	}
	l.settled()
}

// A change of style stops provisioning before roles are merged, and starts it again.
func TestImportMergeAndBack(t *testing.T) {
	state := func(l *tenantLab) (state string) {
		l.cloud.Graph.EditApplication(func(a *fakegraph.EditableApp) { state = a.Provisioning })
		return state
	}
	for _, prune := range []bool{false, true} {
		t.Run(fmt.Sprintf("prune %v", prune), func(t *testing.T) {
			l := newEmulatorLab(t, fakegraph.Options{}, assignAda)
			l.applied()
			l.Use(emulatorTenant + "provisioning: {style: merge}\n" + assignAda)
			if r, _ := l.plan().Find(stepRoles); len(r.Finding.Changes) != 1 ||
				r.Finding.Changes[0] != (engine.Change{Attribute: "provisioning", Have: "running", Want: "stopped"}) {
				t.Errorf("got changes %v, want provisioning to stop", r.Finding.Changes)
			}
			l.applied()
			if got := state(l); got != "Paused" {
				t.Errorf("provisioning is %s, want Paused", got)
			}
			if prune {
				l.pruned()
			}
			l.settled()
			l.Use(emulatorTenant + assignAda)
			l.applied()
			if got := state(l); got != "Active" {
				t.Errorf("provisioning is %s, want Active", got)
			}
			l.same("back to import")
			l.settled()
		})
	}
}

// Every name that the list shows selects an assignment, and an ambiguous one is refused.
func TestUnassign(t *testing.T) {
	for name, tc := range map[string]struct {
		sel  Selection
		want int
		err  string
	}{
		"principal name":  {Selection{Users: []string{"ADA@contoso.example"}, Roles: []string{"azure.admin"}}, 1, ""},
		"guest's mail":    {Selection{Users: []string{"bob@partner.example"}, Roles: []string{"azure.admin"}}, 1, ""},
		"display name":    {Selection{Users: []string{"Bob (guest)"}, Roles: []string{"azure.admin"}}, 1, ""},
		"two of one name": {Selection{Users: []string{"Ada Lovelace"}, Roles: []string{"azure.admin"}}, 0, "2 users"},
		"group id": {Selection{
			Groups: []string{"00000000-0000-4000-9000-000000000002"}, Roles: []string{fakecloud.AccountID + "/azure.reader"},
		}, 1, ""},
		"not assigned": {Selection{Users: []string{"grace@contoso.example"}, Roles: []string{"azure.admin"}}, 0, ""},
		"unknown user": {
			Selection{Users: []string{"x@contoso.example"}, Roles: []string{"azure.admin"}}, 0, "no user x@contoso.example",
		},
		"unknown role": {Selection{Users: []string{"ada@contoso.example"}, Roles: []string{"x"}}, 0, "no role x"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newEmulatorLab(t, fakegraph.Options{}, assignAda+
				"- {user: ada.king@contoso.example, roles: [azure.admin]}\n"+
				"- {user: bob@partner.example, roles: [azure.admin]}\n")
			l.applied()
			tenant, w := l.tenant(), l.runner().World
			if err := tenant.Find(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			deleted, _, err := tenant.Unassign(t.Context(), w, tc.sel)
			if len(deleted) != tc.want || tc.err == "" && err != nil || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("got %v, error %v, want %d and error %q", deleted, err, tc.want, tc.err)
			}
			if got := len(l.cloud.Graph.Assigned()); got != 5-tc.want {
				t.Errorf("%d assignments are left, want %d", got, 5-tc.want)
			}
		})
	}
}
