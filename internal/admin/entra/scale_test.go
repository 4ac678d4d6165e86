package entra

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// The size of a large organization, and the limits of its calls.
const (
	manyAccounts    = 100
	manyRoles       = 5
	manyAssignments = 2000
	maxApplyCalls   = 200
	perBatch        = 20
	maxPlanCalls    = 30
)

// largeSpec has a hundred accounts with five roles each, and two thousand
// assignments.
func largeSpec() string {
	var b strings.Builder
	b.WriteString("provisioning: {style: merge}\nroles:\n")
	for r := range manyRoles {
		fmt.Fprintf(&b, "- {name: role%d, policies: [AdministratorAccess]}\n", r)
	}
	b.WriteString("accounts:\n")
	for a := range manyAccounts {
		fmt.Fprintf(&b, "- {id: '%012d'}\n", 100000000000+a)
	}
	b.WriteString("assignments:\n")
	for i := range manyAssignments {
		fmt.Fprintf(
			&b, "- {user: u%d@contoso.example, roles: [role%d], accounts: ['%012d']}\n", i%400, i/400,
			100000000000+i%manyAccounts,
		)
	}
	return b.String()
}

// newLargeLab returns the large organization with an empty tenant.
func newLargeLab(t testing.TB) *tenantLab {
	l := newEmulatorLab(t, fakegraph.Options{Users: 400}, "")
	l.Use("tenant: " + fakecloud.TenantDomain + "\n" + largeSpec())
	return l
}

// graphCalls runs the tenant's side and returns the number of Graph calls.
func (l *tenantLab) graphCalls(apply bool) int {
	l.T.Helper()
	tenant, w := l.tenant(), &engine.World{Spec: l.Spec, Now: time.Now}
	tenant.AWS = nil
	tenant.Attach(w)
	steps, err := engine.Compose(w, tenant.Steps)
	if err != nil {
		l.T.Fatal(err)
	}
	r := &engine.Runner{Steps: steps, World: w, Pause: short}
	report, err := r.Plan(l.T.Context())
	if err == nil && apply {
		report, err = r.Apply(l.T.Context(), report)
	}
	if err != nil || report.Open() != 0 {
		l.T.Fatalf("%v %v %d open", err, report.Err(), report.Open())
	}
	return tenant.Graph.Calls()
}

// TestTenantAtScale limits the Graph calls of the first run, and of a plan without
// changes.
func TestTenantAtScale(t *testing.T) {
	l := newLargeLab(t)
	first, again, made := l.graphCalls(true), l.graphCalls(false), len(l.cloud.Graph.Assigned())
	t.Logf(

		"%d accounts, %d roles, %d assignments: %d calls of Graph for the first run, %d for a plan with nothing to do",
		manyAccounts, manyRoles*manyAccounts, made, first, again,
	)
	if most := maxApplyCalls + made/perBatch; first > most {
		t.Errorf("the first run made %d calls, more than %d", first, most)
	}
	if again > maxPlanCalls {
		t.Errorf("a plan with nothing to do made %d calls, more than %d", again, maxPlanCalls)
	}
	if made != manyAssignments {
		t.Errorf("%d assignments", made)
	}
}

// BenchmarkAdminTenant reports the same figures.
func BenchmarkAdminTenant(b *testing.B) {
	var first, again int
	for b.Loop() {
		b.StopTimer()
		l := newLargeLab(b)
		b.StartTimer()
		first, again = l.graphCalls(true), l.graphCalls(false)
	}
	b.ReportMetric(float64(first), "graph-calls/apply")
	b.ReportMetric(float64(again), "graph-calls/plan")
}
