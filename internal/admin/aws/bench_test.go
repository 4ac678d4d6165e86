package aws

import (
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/awsfake"
)

// The figures that matter with many accounts: how many calls a run takes, how
// many of them write, how many are under way at once, and what a run keeps in
// memory. Times are moto's, not AWS's.
const (
	benchAccounts = 100
	benchRoles    = 5
)

// traffic counts what passes the gate and keeps nothing of it.
type traffic struct{ reads, writes, now, most atomic.Int64 }

func (c *traffic) watch(gate *awsfake.Gate) {
	gate.Before(func(call awsfake.Call) *awsfake.Refusal {
		if call.Write() {
			c.writes.Add(1)
		} else {
			c.reads.Add(1)
		}
		n := c.now.Add(1)
		for m := c.most.Load(); n > m && !c.most.CompareAndSwap(m, n); m = c.most.Load() {
		}
		return nil
	})
	gate.After(func(awsfake.Call) { c.now.Add(-1); gate.Take() })
}

func (c *traffic) report(b *testing.B) {
	n := float64(b.N)
	b.ReportMetric(float64(c.reads.Load())/n, "reads/op")
	b.ReportMetric(float64(c.writes.Load())/n, "writes/op")
	b.ReportMetric(float64(c.most.Load()), "at-once")
}

// retained reports the bytes that a run's report and world retain for each step.
func retained(b *testing.B, run func() engine.Report) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	report := run()
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(
		max(0, float64(after.HeapAlloc)-float64(before.HeapAlloc))/float64(len(report.Results)), "kept-B/step",
	)
	runtime.KeepAlive(report)
}

// BenchmarkAdminListApply sets up a list of accounts from nothing.
func BenchmarkAdminListApply(b *testing.B) {
	l := admintest.LabAt(b, awsfake.SharedPlain(b), sides, admintest.Listed(admintest.AccountNumbers(benchAccounts), benchRoles))
	var c traffic
	for b.Loop() {
		b.StopTimer()
		l.Gate.Before(nil)
		l.Gate.After(nil)
		l.Gate.Reset(b)
		c.watch(l.Gate)
		b.StartTimer()
		l.Applied()
	}
	c.report(b)
}

// BenchmarkAdminListPlan looks at a list of accounts where all is well.
func BenchmarkAdminListPlan(b *testing.B) {
	l := admintest.LabAt(b, awsfake.SharedPlain(b), sides, admintest.Listed(admintest.AccountNumbers(benchAccounts), benchRoles))
	l.Gate.Reset(b)
	l.Applied()
	var c traffic
	c.watch(l.Gate)
	for b.Loop() {
		if report := l.Plan(); report.Open() != 0 {
			b.Fatal(admintest.ChangesIn(report))
		}
	}
	c.report(b)
	retained(b, l.Plan)
}

// BenchmarkAdminOrganizationApply sets up the same accounts by a stack set.
func BenchmarkAdminOrganizationApply(b *testing.B) {
	var c traffic
	for b.Loop() {
		b.StopTimer()
		l := newCompany(b, benchAccounts)
		c.watch(l.Gate)
		b.StartTimer()
		l.Applied()
	}
	c.report(b)
}

// BenchmarkAdminOrganizationPlan looks at an organization where all is well.
func BenchmarkAdminOrganizationPlan(b *testing.B) {
	l := newCompany(b, benchAccounts)
	l.Applied()
	var c traffic
	c.watch(l.Gate)
	for b.Loop() {
		if report := l.Plan(); report.Open() != 0 {
			b.Fatal(admintest.ChangesIn(report))
		}
	}
	c.report(b)
}
