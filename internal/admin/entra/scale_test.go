package entra

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/awsfake"
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

// The largest organization with four roles that fits into one application: 300 accounts
// would need 1,202 of 1,200 entries.
const orgAccounts, orgRoles = 299, 4

// BenchmarkAdminOrganization sets up an organization with 2,000 assignments. The stack
// set is emulated, because moto cannot hold the stacks of so many accounts.
func BenchmarkAdminOrganization(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		l, c := newMotoCompany(b, orgAccounts, fakegraph.Options{Users: 400})
		var calls atomic.Int64
		deployed := false
		c.Gate.Play(func(call awsfake.Call) (string, bool) { return playStacks(call, c.Accounts, &deployed) })
		c.Gate.After(func(awsfake.Call) { calls.Add(1); c.Gate.Take() })
		l.Use(organizationSpec(c.Unit, c.Accounts))
		b.StartTimer()
		for _, run := range []string{"first", "again"} {
			calls.Store(0)
			began := time.Now()
			plan := l.plan()
			b.ReportMetric(float64(len(admintest.ChangesIn(plan))), "changes/"+run)
			b.ReportMetric(time.Since(began).Seconds(), "s-plan/"+run)
			b.ReportMetric(float64(calls.Load()), "aws-calls-plan/"+run)
			b.ReportMetric(float64(l.client.Calls()), "graph-calls-plan/"+run)
			if run == "first" {
				began = time.Now()
				l.applied()
				b.ReportMetric(time.Since(began).Seconds(), "s-apply")
				b.ReportMetric(float64(l.client.Calls()), "graph-calls-apply")
			}
		}
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		b.ReportMetric(float64(memory.HeapSys)/1e6, "MB-heap-with-emulator")
	}
}

// organizationSpec assigns every role in some accounts to users.
func organizationSpec(unit string, accounts []string) string {
	var b strings.Builder
	b.WriteString("tenant: " + fakecloud.TenantDomain + "\norganization: {units: [" + unit + "]}\nroles:\n")
	for r := range orgRoles {
		fmt.Fprintf(&b, "- {name: role%d}\n", r)
	}
	b.WriteString("assignments:\n")
	for i := range manyAssignments {
		fmt.Fprintf(
			&b, "- {user: u%d@contoso.example, roles: [role%d], accounts: ['%s']}\n", i%400, i%orgRoles,
			accounts[(i/400*61+i)%len(accounts)],
		)
	}
	return b.String()
}

// playStacks answers CloudFormation for a stack set that is deployed at once.
func playStacks(call awsfake.Call, accounts []string, deployed *bool) (string, bool) {
	switch call.Action {
	case "CreateStackInstances":
		*deployed = true
		return "<OperationId>11111111-2222-3333-4444-555555555555</OperationId>", true
	case "DescribeStackSetOperation":
		return "<StackSetOperation><Status>SUCCEEDED</Status></StackSetOperation>", true
	case "ListStackSetOperations":
		return "<Summaries></Summaries>", true
	case "ListStackInstances":
		var b strings.Builder
		for _, account := range accounts {
			if *deployed {
				fmt.Fprintf(&b, "<member><Account>%s</Account><Status>CURRENT</Status></member>", account)
			}
		}
		return "<Summaries>" + b.String() + "</Summaries>", true
	}
	return "", false
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
