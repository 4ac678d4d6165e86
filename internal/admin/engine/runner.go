package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/progress"
)

// DefaultSettle is how long a step waits for an eventually consistent cloud.
const DefaultSettle = 2 * time.Minute

// DefaultParallel is how many steps run in parallel. IAM throttles an account
// at about ten calls per second; more steps would only wait.
const DefaultParallel = 8

// Phase is the phase of a step.
type Phase string

// The phases, in the order in which a step goes through them.
const (
	Checking Phase = "checking"
	Applying Phase = "applying"
	Waiting  Phase = "waiting" // with a Message
	Ended    Phase = "ended"   // with a Result
)

// Event is a progress report.
type Event struct {
	Step    Step
	Phase   Phase
	Message string
	Result  Result // when ended
}

// Runner checks steps and applies them.
type Runner struct {
	Steps    []Step // from Compose
	World    *World
	Parallel int                                        // 0: DefaultParallel
	Progress func(Event)                                // called by one goroutine at a time; may be nil
	Now      func() time.Time                           // nil: time.Now
	Pause    func(context.Context, time.Duration) error // nil: Sleep

	progressing sync.Mutex
}

// Plan checks every step and writes nothing.
func (r *Runner) Plan(ctx context.Context) (Report, error) {
	defer progress.Step(ctx, "Comparing the spec with the tenant and AWS")()
	report, err := r.walk(ctx, r.check)
	report.Obsolete = obsolete(report.Results)
	return report, err
}

// Apply applies every step that is not done, and waits until its check confirms
// it. It does not delete obsolete resources: see Destroy. It does not check steps
// again that are done in plan, a report of the same steps, unless a dependency
// changed.
func (r *Runner) Apply(ctx context.Context, plan Report) (Report, error) {
	seen := map[ID]Result{}
	for _, result := range plan.Results {
		if !result.Open() {
			seen[result.Step.ID] = result
		}
	}
	report, err := r.walk(ctx, func(ctx context.Context, s Step, before []Result) Result {
		changed := false
		for _, b := range before {
			changed = changed || b.Applied
			if b.Open() {
				return skip(s, b)
			}
		}
		if result, ok := seen[s.ID]; ok && !changed {
			return result
		}
		return r.apply(ctx, s)
	})
	report.Obsolete = plan.Obsolete
	return report, err
}

// walk runs do for every step after its dependencies, with bounded parallelism.
// It returns ctx's error if ctx ended.
func (r *Runner) walk(ctx context.Context, do func(context.Context, Step, []Result) Result) (Report, error) {
	r.listen()
	results := make([]Result, len(r.Steps))
	done := map[ID]chan struct{}{}
	index := map[ID]int{}
	for i, s := range r.Steps {
		done[s.ID], index[s.ID] = make(chan struct{}), i
	}
	parallel := r.Parallel
	if parallel <= 0 {
		parallel = DefaultParallel
	}
	slots := make(chan struct{}, parallel) // errgroup would occupy one while a step waits for others
	var all sync.WaitGroup
	for i, s := range r.Steps {
		all.Go(func() {
			defer close(done[s.ID])
			before := make([]Result, 0, len(s.After))
			for _, id := range s.After {
				<-done[id]
				before = append(before, results[index[id]])
			}
			slots <- struct{}{} // acquired last: a waiting step occupies none
			defer func() { <-slots }()
			began := r.now()
			if ctx.Err() != nil {
				results[i] = Result{Step: s, Err: ctx.Err()}
				return
			}
			results[i] = do(ctx, s, before)
			results[i].Took = r.now().Sub(began)
			r.tell(Event{Step: s, Phase: Ended, Result: results[i]})
		})
	}
	all.Wait()
	return Report{Results: results}, ctx.Err()
}

// listen passes on what steps report with World.Say.
func (r *Runner) listen() {
	r.World.mu.Lock()
	defer r.World.mu.Unlock()
	r.World.tell = func(id ID, waits string) {
		for _, s := range r.Steps {
			if s.ID == id {
				r.tell(Event{Step: s, Phase: Waiting, Message: waits})
			}
		}
	}
}

// check checks one step. If a dependency could not be checked, its ids are
// unknown and so is the step.
func (r *Runner) check(ctx context.Context, s Step, before []Result) Result {
	for _, b := range before {
		if b.Err != nil || b.Skipped != "" {
			return skip(s, b)
		}
	}
	r.tell(Event{Step: s, Phase: Checking})
	result := Result{Step: s}
	result.Finding, result.Err = s.Check(ctx, r.World)
	if s.Obsolete != nil && result.Err == nil {
		var err error
		if result.obsolete, err = s.Obsolete(ctx, r.World); err != nil {
			result.Finding.Warnings = append(
				result.Finding.Warnings, "what the spec no longer names could not be looked up: "+err.Error())
		}
	}
	return result
}

// skip returns the result of a step whose dependency failed, or was itself
// skipped because of a failure.
func skip(s Step, dependency Result) Result {
	failed := cmp.Or(dependency.Skipped, dependency.Step.ID)
	return Result{Step: s, Skipped: failed, Finding: NeedsFirst(failed, "")}
}

// apply applies one step after its dependencies are done.
func (r *Runner) apply(ctx context.Context, s Step) Result {
	w := waiter{r: r, step: s, until: r.now().Add(s.settle())}
	result := Result{Step: s}
	wrote := false
	for {
		if !wrote {
			r.tell(Event{Step: s, Phase: Checking})
		}
		result.Finding, result.Err = s.Check(ctx, r.World)
		switch {
		case result.Err != nil:
			return result
		case result.Finding.Status == Done:
			result.Applied = wrote
			return result
		case result.Finding.Status == Forbidden, s.Apply == nil,
			result.Finding.Status == Unknown && !r.has(result.Finding.Needs):
			result.Err = Refusal(s, result.Finding)
			return result
		}
		// After a successful Apply only Check is repeated: the result may not show
		// yet, and a second Apply would create another one.
		waits := s.Waits
		if !wrote && result.Finding.Status != Unknown {
			r.tell(Event{Step: s, Phase: Applying})
			err := s.Apply(ctx, r.World)
			if err == nil {
				wrote = true
				continue
			}
			slow, temporary, cause := WaitsFor(err)
			if !temporary {
				result.Err = err
				return result
			}
			waits, w.last = slow, cause
		}
		if result.Err = w.wait(ctx, waits, result.Finding); result.Err != nil {
			return result
		}
	}
}

// waiter waits between two checks with increasing pauses, up to a limit.
type waiter struct {
	r     *Runner
	step  Step
	until time.Time
	next  time.Duration
	last  error // of the last attempt
}

const (
	firstPause = 250 * time.Millisecond
	maxPause   = 8 * time.Second
)

func (w *waiter) wait(ctx context.Context, waits string, f Finding) error {
	if waits == "" {
		waits = w.step.Title
	}
	if !w.r.now().Before(w.until) {
		var hints []string
		for _, c := range f.Changes {
			hints = append(hints, fmt.Sprintf("%s is %q instead of %q", c.Attribute, c.Have, c.Want))
		}
		return fault.Wrap(
			fault.Unsatisfied, w.last,
			fmt.Sprintf("%s: timed out after %s waiting for %s", w.step.Title, w.step.settle(), waits),
			append(hints, "run the command again: it continues where it stopped")...)
	}
	w.next = min(max(w.next*2, firstPause), maxPause)
	w.r.tell(Event{Step: w.step, Phase: Waiting, Message: waits})
	return w.r.pause(ctx, w.next)
}

// has reports whether the run includes a step.
func (r *Runner) has(id ID) bool {
	return slices.ContainsFunc(r.Steps, func(s Step) bool { return s.ID == id })
}

func (s Step) settle() time.Duration {
	if s.Settle > 0 {
		return s.Settle
	}
	return DefaultSettle
}

// Refusal returns the error of a step that must not, or cannot, be applied.
func Refusal(s Step, f Finding) error {
	reason := cmp.Or(f.Reason, fmt.Sprintf("it is %s and can only be changed by hand", f.Status))
	return fault.New(fault.Unsatisfied, s.Title+": "+reason, f.Hints...)
}

func (r *Runner) tell(e Event) {
	if r.Progress == nil {
		return
	}
	r.progressing.Lock()
	defer r.progressing.Unlock()
	r.Progress(e)
}

func (r *Runner) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

func (r *Runner) pause(ctx context.Context, d time.Duration) error {
	if r.Pause != nil {
		return r.Pause(ctx, d)
	}
	return Sleep(ctx, d)
}

// Sleep waits for d, or until ctx ends.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
