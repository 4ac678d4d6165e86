package entra

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/graph"
)

// roleValuesOf returns n values of the spec's provider, starting with first.
func roleValuesOf(s *spec.Spec, first, n int) []string {
	var values []string
	for i := range n {
		values = append(values, s.RoleValue("123456789012", spec.Role{Name: fmt.Sprintf("r%d", first+i), Path: "/"}))
	}
	return values
}

// A merge never sends more roles than the limit, leaves foreign roles unchanged, and
// removes a role only after disabling it.
func TestMergeKeepsToTheLimit(t *testing.T) {
	s := admintest.MustParse(t, "tenant: a.b\nprovisioning: {style: merge}\n"+admintest.OneAccount)
	inherited := graph.AppRole{
		ID: "0", MemberTypes: []string{"User"}, DisplayName: "msiam_access", Enabled: true,
		Origin: "Application",
	}
	foreign := graph.AppRole{
		ID: "1", MemberTypes: []string{"User"}, DisplayName: "by hand", Enabled: true,
		Value: "arn:aws:iam::123456789012:role/x,arn:aws:iam::123456789012:saml-provider/Other",
	}
	full := graph.ServicePrincipal{ID: "p", AppRoles: []graph.AppRole{inherited, foreign}}
	for _, value := range roleValuesOf(s, 0, maxAppRoles-2) {
		full.AppRoles = append(full.AppRoles, newAppRole("p", value))
	}
	for name, tc := range map[string]struct {
		have        graph.ServicePrincipal
		first, want int
		ok          bool
	}{
		"fits exactly": {graph.ServicePrincipal{
			ID: "p", AppRoles: []graph.AppRole{inherited, foreign},
		}, 0, maxAppRoles - 2, true},
		"one too many": {graph.ServicePrincipal{
			ID: "p", AppRoles: []graph.AppRole{inherited, foreign},
		}, 0, maxAppRoles - 1, false},
		"full, and as it was":  {full, 0, maxAppRoles - 2, true},
		"full, one is renamed": {full, 1, maxAppRoles - 2, true},
		"full, all are others": {full, maxAppRoles, maxAppRoles - 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			want := roleValuesOf(s, tc.first, tc.want)
			m, err := mergeRoles(s, tc.have, want, nil)
			if !tc.ok {
				if err == nil || !strings.Contains(err.Error(), "has at most 1200 roles, and this would be 1201") {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			now := tc.have.AppRoles
			disabled, remaining := withoutRoles(now, m.obsolete)
			m, err = mergeRoles(s, graph.ServicePrincipal{ID: "p", AppRoles: remaining}, want, nil)
			if err != nil || len(m.obsolete) != 0 {
				t.Errorf("got %d obsolete roles and error %v, want none", len(m.obsolete), err)
			}
			for _, next := range [][]graph.AppRole{disabled, remaining, m.roles} {
				takes(t, now, next)
				now = next
			}
			if len(now) != len(want)+2 || now[0].DisplayName != "msiam_access" || now[1].DisplayName != "by hand" {
				t.Errorf("%d roles at the end, first %v and %v", len(now), now[0], now[1])
			}
		})
	}
}

// takes checks a list of roles against the rules of the directory.
func takes(t *testing.T, have, next []graph.AppRole) {
	t.Helper()
	if len(next) > maxAppRoles {
		t.Errorf("%d roles are sent", len(next))
	}
	sent := map[string]bool{}
	for _, role := range next {
		sent[role.ID] = true
	}
	for _, role := range have {
		if role.Enabled && !sent[role.ID] {
			t.Fatalf("%s is left out before it is switched off", role.DisplayName)
		}
	}
}

// The application gets a role for each role of each account of the units.
func TestRoleValuesOfOrganization(t *testing.T) {
	c := admintest.NewCompany(t, nil, 2)
	values, _, err := (&Tenant{AWS: &aws.Clients{}}).roleValues(t.Context(), &engine.World{Spec: c.Spec})
	if err != nil || len(values) != 2*len(c.Accounts) ||
		!slices.Contains(values, c.Spec.RoleValue(c.Accounts[0], c.Spec.Roles[0])) {
		t.Errorf("got %v and error %v, want the roles of %v", values, err, c.Accounts)
	}
}
