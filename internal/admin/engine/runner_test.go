package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
)

// thing is something in a cloud that shows only after some looks.
type thing struct {
	mu           sync.Mutex
	made         int
	looksUntilIn int
}

func (f *thing) step(id ID, after ...ID) Step {
	return Step{
		ID: id, Title: string(id), After: after,
		Check: func(context.Context, *World) (Finding, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.made == 0 {
				return IsMissing(), nil
			}
			if f.looksUntilIn > 0 {
				f.looksUntilIn--
				return IsMissing(), nil
			}
			return IsDone(), nil
		},
		Apply: func(context.Context, *World) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.made++
			return nil
		},
	}
}

// hurried returns a runner with a clock that jumps over the pauses.
func hurried(t *testing.T, steps ...Step) *Runner {
	t.Helper()
	ordered, err := order(steps)
	if err != nil {
		t.Fatal(err)
	}
	var clock atomic.Int64
	return &Runner{
		Steps: ordered, World: &World{},
		Now: func() time.Time { return time.Unix(0, clock.Load()) },
		Pause: func(ctx context.Context, d time.Duration) error {
			clock.Add(int64(d))
			return ctx.Err()
		},
	}
}

func apply(t *testing.T, r *Runner) Report {
	t.Helper()
	report, err := r.Apply(context.Background(), Report{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// A step that does not show its result at once is checked again, not applied again.
func TestApplyWaitsAndDoesNothingTwice(t *testing.T) {
	slow := &thing{looksUntilIn: 5}
	r := hurried(t, slow.step("aws/slow"))
	report := apply(t, r)
	if report.Open() != 0 || report.Applied() != 1 || slow.made != 1 {
		t.Fatalf("open %d, applied %d, made %d", report.Open(), report.Applied(), slow.made)
	}
	if again := apply(t, r); again.Applied() != 0 || slow.made != 1 {
		t.Fatal("a second run did it again")
	}
}

// What never shows ends with the reason, after the step's limit.
func TestApplyGivesUpWaiting(t *testing.T) {
	s := (&thing{looksUntilIn: 1 << 30}).step("aws/never")
	s.Waits, s.Settle = "IAM to know it", time.Minute
	report := apply(t, hurried(t, s))
	err := report.Err()
	if err == nil || !strings.Contains(err.Error(), "timed out after 1m0s waiting for IAM to know it") ||
		fault.KindOf(err) != fault.Unsatisfied {
		t.Fatalf("err = %v", err)
	}
}

// An error that goes by itself is tried again; another one is not.
func TestApplyTriesAgainWhatIsNotYet(t *testing.T) {
	f := &thing{}
	s := f.step("aws/x")
	tries := 0
	do := s.Apply
	s.Apply = func(ctx context.Context, w *World) error {
		if tries++; tries < 4 {
			return NotYet(errors.New("MalformedPolicyDocument"), "IAM to know the provider")
		}
		return do(ctx, w)
	}
	if report := apply(t, hurried(t, s)); report.Open() != 0 || tries != 4 {
		t.Fatalf("open %d after %d tries", report.Open(), tries)
	}
	tries = 0
	final := (&thing{}).step("aws/y")
	final.Apply = func(context.Context, *World) error { tries++; return errors.New("LimitExceeded") }
	if err := apply(t, hurried(t, final)).Err(); err == nil || tries != 1 {
		t.Fatalf("a final error was tried %d times: %v", tries, err)
	}
}

// A failure stops what depends on it, and nothing else.
func TestFailureStopsOnlyWhatDependsOnIt(t *testing.T) {
	lost := &thing{}
	bad := lost.step("aws/1/a")
	bad.Check = func(context.Context, *World) (Finding, error) { return Finding{}, errors.New("no route") }
	after, other := &thing{}, &thing{}
	report := apply(t, hurried(t, bad, after.step("aws/1/b", "aws/1/a"), other.step("aws/2/a")))
	if after.made != 0 || other.made != 1 {
		t.Fatalf("dependent made %d, other made %d", after.made, other.made)
	}
	if r, _ := report.Find("aws/1/b"); r.Skipped != "aws/1/a" || len(report.Failed()) != 1 || report.Open() != 2 ||
		lost.made != 0 {
		t.Fatalf("report %+v, made %d", r, lost.made)
	}
	plan, err := hurried(
		t, bad, (&thing{made: 1}).step("aws/1/b", "aws/1/a"), (&thing{made: 1}).step("aws/1/c", "aws/1/b"),
	).Plan(context.Background())
	for _, id := range []ID{"aws/1/b", "aws/1/c"} {
		if r, _ := plan.Find(id); err != nil || r.Skipped == "" || r.Finding.Status != Unknown {
			t.Errorf("planned without what comes before: %+v %v", r, err)
		}
	}
}

// A step is not applied if its check is forbidden, if it has no Apply, or if a
// dependency is not part of the run.
func TestUncheckedStepsAreNotApplied(t *testing.T) {
	for name, c := range map[string]struct {
		finding Finding
		byHand  bool
		want    string
	}{
		"forbidden": {
			Finding{Status: Forbidden, Reason: "it lacks iam:GetRole", Hints: []string{"allow it"}},
			false,
			"it lacks iam:GetRole",
		},
		"by hand": {Finding{Status: Missing, Hints: []string{"allow it"}}, true, "can only be changed by hand"},
		"of another step": {
			Finding{Status: Unknown, Needs: "aws/none", Reason: "no id", Hints: []string{"allow it"}}, false, "no id",
		},
	} {
		t.Run(name, func(t *testing.T) {
			it := &thing{}
			s := it.step("aws/a")
			s.Check = func(context.Context, *World) (Finding, error) { return c.finding, nil }
			if c.byHand {
				s.Apply = nil
			}
			r, _ := apply(t, hurried(t, s)).Find("aws/a")
			var f *fault.Error
			if !errors.As(r.Err, &f) || f.Kind != fault.Unsatisfied || !strings.Contains(f.Msg, c.want) ||
				len(f.Hints) != 1 || it.made != 0 {
				t.Errorf("got %v after %d writes, want %q and none", r.Err, it.made, c.want)
			}
		})
	}
}

// Plan never calls Apply, and continues after missing steps.
func TestPlanOnlyLooks(t *testing.T) {
	a, b := &thing{}, &thing{}
	r := hurried(t, b.step("aws/b", "aws/a"), a.step("aws/a"))
	report, err := r.Plan(context.Background())
	if err != nil || report.Open() != 2 || a.made+b.made != 0 {
		t.Fatalf("err %v, open %d, made %d", err, report.Open(), a.made+b.made)
	}
	if r.Steps[0].ID != "aws/a" {
		t.Error("a step is before its dependency")
	}
}

// Steps that are done in the plan are checked again only after a change of a
// dependency.
func TestApplyTrustsThePlanExceptBehindChanges(t *testing.T) {
	counted := func(s Step, n *atomic.Int64) Step {
		check := s.Check
		s.Check = func(ctx context.Context, w *World) (Finding, error) { n.Add(1); return check(ctx, w) }
		return s
	}
	var alone, behind, both atomic.Int64
	r := hurried(
		t, (&thing{}).step("aws/new"), counted((&thing{made: 1}).step("aws/behind", "aws/new"), &behind),
		counted((&thing{made: 1}).step("aws/alone"), &alone),
		counted((&thing{made: 1}).step("aws/both", "aws/new", "aws/alone"), &both),
	)
	plan, err := r.Plan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	report, err := r.Apply(context.Background(), plan)
	if err != nil || report.Open() != 0 {
		t.Fatalf("%v, %+v", err, report)
	}
	for i, result := range report.Results {
		if result.Step.ID != r.Steps[i].ID || result.Applied != (result.Step.ID == "aws/new") {
			t.Errorf("of step %s: %+v", r.Steps[i].ID, result)
		}
	}
	if alone.Load() != 1 || behind.Load() != 2 || both.Load() != 2 {
		t.Fatalf("looked %d, %d and %d times, want 1, 2 and 2", alone.Load(), behind.Load(), both.Load())
	}
}

// At most Parallel steps run at a time, whatever waits.
func TestRunnerIsBounded(t *testing.T) {
	var now, most atomic.Int64
	gate := make(chan struct{})
	var steps []Step
	for i := range 40 {
		s := (&thing{}).step(ID("aws/" + string(rune('A'+i))))
		s.Check = func(context.Context, *World) (Finding, error) {
			n := now.Add(1)
			for {
				m := most.Load()
				if n <= m || most.CompareAndSwap(m, n) {
					break
				}
			}
			if n == 3 {
				select { // all three are in: open the gate
				case <-gate:
				default:
					close(gate)
				}
			}
			<-gate
			now.Add(-1)
			return IsDone(), nil
		}
		steps = append(steps, s)
	}
	r := hurried(t, steps...)
	r.Parallel = 3
	if report := apply(t, r); report.Open() != 0 || most.Load() != 3 {
		t.Fatalf("%d steps ran in parallel, want 3", most.Load())
	}
}

// Cycles, duplicates and missing dependencies are errors. Edges to a side that
// is not part of the run are dropped.
func TestOrder(t *testing.T) {
	for name, steps := range map[string][]Step{
		"depends on itself":    {{ID: "aws/a", After: []ID{"aws/b"}}, {ID: "aws/b", After: []ID{"aws/a"}}},
		"duplicate step":       {{ID: "aws/a"}, {ID: "aws/a"}},
		"which does not exist": {{ID: "aws/a", After: []ID{"aws/zzz"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := order(steps); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("got error %v, want %q", err, name)
			}
		})
	}
	if steps, err := order([]Step{{ID: "aws/a", After: []ID{StepMetadata}}}); err != nil || len(steps[0].After) != 0 {
		t.Errorf("an edge to another side: %v %v", steps, err)
	}
}

// A step does not wait for a side that is not part of the run.
func TestApplyDoesNotWaitForAnAbsentSide(t *testing.T) {
	s := (&thing{}).step("aws/a")
	s.Check = func(context.Context, *World) (Finding, error) {
		return NeedsFirst(StepMetadata, "there is no metadata"), nil
	}
	err := apply(t, hurried(t, s)).Err()
	if err == nil || !strings.Contains(err.Error(), "there is no metadata") {
		t.Fatalf("err = %v", err)
	}
}

// An ended context is reported as such, and the rest is not tried.
func TestInterruptedRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	first, second := &thing{}, &thing{}
	s := first.step("aws/a")
	do := s.Apply
	s.Apply = func(ctx context.Context, w *World) error { cancel(); return do(ctx, w) }
	report, err := hurried(t, s, second.step("aws/b", "aws/a")).Apply(ctx, Report{})
	if !errors.Is(err, context.Canceled) || second.made != 0 || report.Open() == 0 {
		t.Fatalf("err %v, made %d, open %d", err, second.made, report.Open())
	}
}
