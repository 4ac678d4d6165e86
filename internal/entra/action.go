package entra

import (
	"context"
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

// action is what the driver does on a page: it fills in inputs, then clicks or navigates.
// The zero action does nothing.
type action struct {
	fills    []fill
	selector string // element to click; "" for none
	nth      int    // index among the elements that selector matches
	address  string // address to navigate to
	postpone bool   // too early to act; the page does not count as stuck
	ticks    string // checkboxes to tick first; "" for none
	done     func() // called once, after the action was first carried out; may be nil
}

// fill is an input to fill in.
type fill struct {
	selector string
	text     secret.Text
	hosts    []string // hosts that may receive it
}

func click(selector string) action { return action{selector: selector} }

func clickChoice(c Choice) action { return action{selector: c.Select, nth: c.Nth} }

func clickID(id string) action { return action{selector: "#" + id} }

// then returns the action with a function to call after it was carried out.
func (a action) then(done func()) action {
	a.done = done
	return a
}

func (a action) isZero() bool {
	return a.selector == "" && a.address == "" && len(a.fills) == 0 && a.ticks == ""
}

// apply carries out the action. It returns false if an element was missing, covered or
// replaced; nothing was clicked then.
func (s *signIn) apply(ctx context.Context, a action) (bool, error) {
	if a.address != "" {
		return true, s.page.Navigate(ctx, a.address)
	}
	for _, f := range a.fills {
		if done, err := s.page.Fill(ctx, f.selector, f.text, f.hosts); !done || err != nil {
			return false, err
		}
	}
	if a.ticks != "" {
		if _, err := s.page.Click(ctx, a.ticks, 0); err != nil { // it may be absent or already ticked
			return false, err
		}
	}
	if a.selector == "" {
		return true, nil
	}
	return s.page.Click(ctx, a.selector, a.nth)
}

const (
	// effectLimit is the delay before an action without effect is repeated: pages attach
	// their event handlers up to 1.5 s after a view appears.
	effectLimit = 1500 * time.Millisecond
	maxRepeats  = 3
)

// pendingAction is an action without effect so far: no request, no new document and no
// new view. A view ignores clicks and input until its event handlers are attached.
type pendingAction struct {
	action   action
	key      viewKey
	requests int       // requests that the document had sent before
	since    time.Time // time of the action, or when the page was last busy
	repeats  int
	open     bool
}

// wait restarts the timer, because a busy page may still react.
func (p *pendingAction) wait(now time.Time) { p.since = now }

// checkEffect repeats the last action if it has had no effect. It reports whether there
// is nothing else to do in this poll. An action that caused a request is never repeated,
// and none while the page waits for a response, because its handler may wait too. The
// limit of the page's state still applies.
func (s *signIn) checkEffect(ctx context.Context, state State, snap Snapshot) (bool, error) {
	p := &s.pending
	if !p.open {
		return false, nil
	}
	if s.view.key != p.key || snap.Requests != p.requests || state.Local && s.view.refusedSince(state, snap) {
		s.pending = pendingAction{}
		return false, nil
	}
	if snap.Awaits != "" {
		p.wait(s.now)
	}
	if s.now.Sub(p.since) < effectLimit {
		return s.now.Sub(s.view.since) <= state.Limit, nil
	}
	if p.repeats == maxRepeats {
		s.Log.Debug("sign-in action without effect", "state", state.Name, "repeats", p.repeats)
		s.pending = pendingAction{}
		return false, nil
	}
	p.repeats++
	s.Log.Debug("sign-in action repeated: no request, no navigation, no change of view",
		"state", state.Name, "repeat", p.repeats)
	_, err := s.apply(ctx, p.action)
	p.since = s.now
	return true, err
}

// act runs the action of a state, up to the number of times that the state allows.
func (s *signIn) act(ctx context.Context, state State, snap Snapshot) error {
	if !state.Watch {
		if s.visits.count[state.Name]++; s.visits.count[state.Name] > state.Visits {
			return s.looping(state, snap)
		}
	}
	before := s.now
	a, err := state.Do(ctx, s, snap)
	if err != nil {
		return err
	}
	s.now = s.Now()
	if a.isZero() {
		s.skip(state, a, s.now.Sub(before))
		return nil
	}
	done, err := s.apply(ctx, a)
	if err != nil {
		return err
	}
	if !done {
		a.postpone = false
		s.skip(state, a, s.now.Sub(before))
		return nil
	}
	if a.done != nil {
		a.done()
	}
	if a.selector != "" {
		s.pending = pendingAction{
			action: a, key: s.view.key, requests: snap.Requests, since: s.now, open: true,
		}
	}
	if !state.Watch {
		s.view.markActed(state, snap, s.now)
		s.document.markActed(s.now)
	}
	return nil
}

// skip records that no action was taken on a page. The time that the user took to answer
// a prompt does not count.
func (s *signIn) skip(state State, a action, took time.Duration) {
	if !state.Watch {
		s.visits.count[state.Name]--
	}
	if a.postpone {
		s.view.since, s.document.quietSince = s.now, s.now
		return
	}
	s.view.since, s.document.quietSince = s.view.since.Add(took), s.document.quietSince.Add(took)
}
