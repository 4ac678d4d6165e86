package aws

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/awsfake"
)

// operation plays the operations of a stack set, which in moto succeed at
// once: each look finds the next of its states.
type operation struct {
	mu      sync.Mutex
	states  []string            // RUNNING, SUCCEEDED, FAILED; the last stays
	results []map[string]string // by account, beside the states
	reasons map[string]string
	listed  bool // it shows among the operations before it was begun by us
	looks   int
}

func (o *operation) now() int { return min(o.looks, len(o.states)-1) }

func (o *operation) play(c awsfake.Call) (string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch c.Action {
	case "DescribeStackSetOperation":
		state := o.states[o.now()]
		o.looks++
		return "<StackSetOperation><OperationId>" + c.Params.Get(
			"OperationId",
		) + "</OperationId><Status>" + state + "</Status></StackSetOperation>", true
	case "ListStackSetOperations":
		if !o.listed {
			return "<Summaries></Summaries>", true
		}
		return "<Summaries><member><OperationId>11111111-2222-3333-4444-555555555555</OperationId><Status>" + o.states[o.now()] + "</Status></member></Summaries>", true
	case "ListStackSetOperationResults":
		var b strings.Builder
		b.WriteString("<Summaries>")
		results := o.results[min(max(o.looks-1, 0), len(o.results)-1)]
		for _, account := range slices.Sorted(maps.Keys(results)) {
			fmt.Fprintf(
				&b,
				"<member><Account>%s</Account><Region>us-east-1</Region><Status>%s</Status><StatusReason>%s</StatusReason></member>",
				account, results[account], o.reasons[account],
			)
		}
		b.WriteString("</Summaries>")
		return b.String(), true
	}
	return "", false
}

// hurry makes a runner that looks at operations without pauses.
func hurry(c *admintest.Company, progress func(engine.Event)) *engine.Runner {
	r := c.Runner()
	r.World.Poll = time.Millisecond
	r.Progress = progress
	return r
}

// A long operation is waited for, and its progress is reported.
func TestOperationReportsProgress(t *testing.T) {
	c := newCompany(t, 3)
	a, b, d := c.Accounts[0], c.Accounts[1], c.Accounts[2]
	o := &operation{
		states: []string{"QUEUED", "RUNNING", "RUNNING", "SUCCEEDED"},
		results: []map[string]string{
			{},
			{a: "SUCCEEDED", b: "RUNNING", d: "PENDING"},
			{a: "SUCCEEDED", b: "SUCCEEDED", d: "RUNNING"},
			{a: "SUCCEEDED", b: "SUCCEEDED", d: "SUCCEEDED"},
		},
	}
	c.Gate.Play(o.play)
	var reported []string
	report, err := hurry(c, func(e engine.Event) {
		if e.Phase == engine.Waiting && e.Step.ID == StepInstances {
			reported = append(reported, e.Message)
		}
	}).Apply(context.Background(), engine.Report{})
	if err != nil || report.Open() != 0 {
		t.Fatal(err, report.Err())
	}
	want := []string{
		"the accounts (QUEUED, 0 of 0 done)", "the accounts (RUNNING, 1 of 3 done)",
		"the accounts (RUNNING, 2 of 3 done)",
	}
	if !slices.Equal(reported, want) {
		t.Errorf("reported %q", reported)
	}
}

// An operation that failed names its accounts and why; the plan names what is
// not current afterwards.
func TestOperationFailureIsExplained(t *testing.T) {
	c := newCompany(t, 3)
	bad := c.Accounts[1]
	o := &operation{
		states:  []string{"FAILED"},
		results: []map[string]string{{c.Accounts[0]: "SUCCEEDED", bad: "FAILED", c.Accounts[2]: "SUCCEEDED"}},
		reasons: map[string]string{
			bad: "ResourceLogicalId:Provider, EntityAlreadyExists: Provider AzureAD already exists",
		},
	}
	c.Gate.Play(func(call awsfake.Call) (string, bool) {
		if call.Action == "ListStackInstances" && o.looks > 0 {
			var b strings.Builder
			for _, account := range c.Accounts {
				status := "CURRENT"
				if account == bad {
					status = "OUTDATED"
				}
				fmt.Fprintf(&b, "<member><Account>%s</Account><Status>%s</Status></member>", account, status)
			}
			return "<Summaries>" + b.String() + "</Summaries>", true
		}
		return o.play(call)
	})
	report, err := hurry(c, nil).Apply(context.Background(), engine.Report{})
	if err != nil {
		t.Fatal(err)
	}
	r, _ := report.Find(StepInstances)
	said := fmt.Sprint(r.Err) + strings.Join(engine.HintsOf(r.Err), "\n")
	if !strings.Contains(said, "FAILED in 1 accounts") ||
		!strings.Contains(said, "account "+bad+": ResourceLogicalId:Provider, EntityAlreadyExists") {
		t.Errorf("said %s", said)
	}
	if got := admintest.ChangesIn(c.Plan()); len(got) != 1 || !strings.Contains(got[0], bad) {
		t.Errorf("the plan names %v", got)
	}
}

// A run that begins while an operation is at work, of a run that was killed,
// waits for it and begins no second one.
func TestRunningOperationIsWaitedFor(t *testing.T) {
	c := newCompany(t, 2)
	c.Applied()
	c.Gate.Take()
	o := &operation{listed: true, states: []string{"RUNNING", "RUNNING", "SUCCEEDED"}, results: []map[string]string{{}}}
	c.Gate.Play(func(call awsfake.Call) (string, bool) {
		if call.Action == "ListStackInstances" && o.now() < 2 {
			return "<Summaries></Summaries>", true // they show when it is done
		}
		return o.play(call)
	})
	report, err := hurry(c, nil).Apply(context.Background(), engine.Report{})
	if err != nil || report.Open() != 0 {
		t.Fatal(err, report.Err())
	}
	if writes := awsfake.Writes(c.Gate.Take()); len(writes) != 0 {
		t.Errorf("written %v", writes)
	}
}

// Filters and the delegated administrator become parameters of CloudFormation.
func TestTargetsAndCallAs(t *testing.T) {
	c := newCompany(t, 3)
	c.Gate.Trust(true)
	c.UseUnits(
		"  exclude: ['" + c.Accounts[0] + "']\n  delegated_admin: true\n  max_parallel_percent: 50\n  " +
			"failure_tolerance_percent: 10\n",
	)
	var create awsfake.Call
	c.Gate.After(func(call awsfake.Call) {
		if call.Action == "CreateStackInstances" {
			create = call
		}
	})
	if report := c.Apply(); len(report.Failed()) != 0 && create.Action == "" {
		t.Fatal(report.Err())
	}
	for name, want := range map[string]string{
		"CallAs": "DELEGATED_ADMIN", "DeploymentTargets.AccountFilterType": "DIFFERENCE", "DeploymentTargets.Accounts.member.1": c.Accounts[0],
		"DeploymentTargets.OrganizationalUnitIds.member.1": c.Unit, "Regions.member.1": "us-east-1", "Regions.member.2": "",
		"OperationPreferences.MaxConcurrentPercentage": "50", "OperationPreferences.FailureTolerancePercentage": "10", "OperationPreferences.ConcurrencyMode": "SOFT_FAILURE_TOLERANCE",
	} {
		t.Run(name, func(t *testing.T) {
			if got := create.Params.Get(name); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
