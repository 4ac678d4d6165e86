package entra

import (
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// Changes of each kind of setting are planned, applied and confirmed; a different order
// changes nothing. TestFormerPlaces, TestTargets and TestStackSetKeepsLogicalIDs do the
// same for accounts and organizations. The emulator has no inline policies of roles.
func TestChangesOfEveryKind(t *testing.T) {
	const session = "application: {claims: {session_duration: 2h}}\n"
	const a, b, c = "{name: azure.a}", "{name: azure.b}", "{name: azure.c}"
	list := func(key string, items ...string) string { return key + ": [" + strings.Join(items, ", ") + "]" }
	claims := func(tags string) string { return "application: {claims: {principal_tags: {" + tags + "}}}\n" }
	owners := func(names ...string) string { return "application: {" + list("owners", names...) + "}\n" }
	roles := func(items ...string) string { return list("roles", items...) + "\n" }
	policies := func(items ...string) string {
		return "roles: [{name: azure.a, " + list("policies", items...) + "}]\n"
	}
	assigned := func(users ...string) string {
		text := "exclusive_assignments: true\nroles: [" + a + "]\nassignments:\n"
		for _, user := range users {
			text += "- {user: " + user + ", roles: [azure.a]}\n"
		}
		return text
	}
	regions := func(names ...string) string { return "sign_in: {" + list("regions", names...) + "}\n" }
	const ada, grace, bob = "ada@contoso.example", "grace@contoso.example", "bob@partner.example"
	const admin, reader = "AdministratorAccess", "ReadOnlyAccess"
	const changes, deletes = 1, 2
	for _, cell := range []struct {
		kind, change, before, after string
		want                        int
	}{
		{"role", "add", roles(a, b), roles(a, b, c), changes},
		{"role", "rename", roles(a, b), roles(a, c), changes | deletes},
		{"role", "reorder", roles(a, b), roles(b, a), 0},
		{"role", "remove", roles(a, b), roles(a), deletes},
		{"managed policy", "add", policies(admin), policies(admin, reader), changes},
		{"managed policy", "reorder", policies(admin, reader), policies(reader, admin), 0},
		{"managed policy", "remove", policies(admin, reader), policies(reader), changes},
		{"claims", "add", "", session, changes},
		{"claims", "rename", claims("A: department"), claims("B: department"), changes},
		{"claims", "reorder", claims("A: department, B: city"), claims("B: city, A: department"), 0},
		{"claims", "remove", session, "", deletes},
		{"owner", "add", owners(ada), owners(ada, grace), changes},
		{"owner", "rename", owners(ada), owners(grace), changes | deletes},
		{"owner", "reorder", owners(ada, grace), owners(grace, ada), 0},
		{"owner", "remove", owners(ada, grace), owners(ada), deletes},
		{"assignment", "add", assigned(ada), assigned(ada, grace), changes},
		{"assignment", "rename", assigned(ada), assigned(bob), changes | deletes},
		{"assignment", "reorder", assigned(ada, grace), assigned(grace, ada), 0},
		{"assignment", "remove", assigned(ada, grace), assigned(ada), deletes},
		{"region", "add", "", regions("eu-west-1"), changes},
		{"region", "rename", regions("eu-west-1"), regions("eu-west-2"), changes},
		{"region", "reorder", regions("eu-west-1", "eu-west-2"), regions("eu-west-2", "eu-west-1"), 0},
		{"region", "remove", regions("eu-west-1"), "", changes},
		{"provider", "rename", "", "provider: {name: Entra}\n", changes | deletes},
		{"provider tag", "add", "", "provider: {tags: {team: a}}\n", changes},
		{"session length", "change", roles(a), roles("{name: azure.a, session: 2h}"), changes},
		{"application", "rename", "", "application: {name: AWS}\n", changes},
	} {
		t.Run(cell.kind+" "+cell.change, func(t *testing.T) {
			l := newEmulatorLab(t, fakegraph.Options{}, "")
			use := func(more string) {
				l.Use("tenant: " + fakecloud.TenantDomain + "\nprovisioning: {style: merge}\n" + emulatorAccount + more)
			}
			use(cell.before)
			l.applied()
			use(cell.after)
			plan := l.plan()
			got := 0
			if plan.Open() > 0 {
				got |= changes
			}
			if plan.ToDelete() > 0 {
				got |= deletes
			}
			if got != cell.want {
				t.Errorf("got changes %q and deletions %q, want %d",
					admintest.ChangesIn(plan), groups(plan.Obsolete), cell.want)
			}
			l.applied()
			l.pruned()
			if plan := l.plan(); !plan.Satisfied() {
				t.Errorf("afterwards: changes %q, deletions %q", admintest.ChangesIn(plan), groups(plan.Obsolete))
			}
			t.Logf("%d changed, %d deleted", plan.Open(), plan.ToDelete())
		})
	}
}
