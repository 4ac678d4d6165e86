package entra

import (
	"context"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// The user can continue with a method other than the one that is waiting or has failed.

// switchKey leaves the method that waits for the user's phone.
const switchKey = 'm'

// keyWatch watches for switchKey while a page waits.
type keyWatch struct {
	pressed <-chan struct{} // nil if there is no key to press
	stop    func()
	leave   bool
}

// isPressed reports whether the user has pressed the key since the page was first
// seen. It watches only if there is another method.
func (k *keyWatch) isPressed(ctx context.Context, ask Prompter, another bool) bool {
	if !another {
		return false
	}
	if k.stop == nil {
		k.pressed, k.stop = ask.Key(ctx, switchKey)
	}
	select {
	case <-k.pressed:
		k.pressed, k.leave = nil, true
	default:
	}
	return k.leave
}

// end stops watching, so that prompts can read the keyboard.
func (k *keyWatch) end() {
	if k.stop != nil {
		k.stop()
	}
	*k = keyWatch{}
}

// whileWaiting returns the action on a page that waits for the phone: to open the list
// of methods if the user wants another one, or to tick "Don't ask again".
func (s *signIn) whileWaiting(ctx context.Context, snap Snapshot) action {
	if !s.key.isPressed(ctx, s.Ask, len(s.others(snap, s.current(snap))) > 0) {
		return action{ticks: s.rememberMFA(snap)}
	}
	return s.leaveFor(snap, chosenMethod{})
}

// current returns the method that the page uses.
func (s *signIn) current(snap Snapshot) chosenMethod {
	return chosenMethod{method: s.method(snap), label: s.methods.chosen.label}
}

// leaveFor returns the action that opens the list of methods, to select next there,
// or for the user to select any but the current one.
func (s *signIn) leaveFor(snap Snapshot, next chosenMethod) action {
	left := s.current(snap)
	return clickID(anotherWayID).then(func() {
		m := &s.methods
		m.left, m.retry, m.chosen, m.unwanted = snap.Document, next, chosenMethod{}, left
		s.Method = "" // the preferred method did not work
	})
}

// is reports whether a tile is of the method. The page words the label of its tile
// differently from its settings: the digits of a phone are in both.
func (m chosenMethod) is(c Choice) bool {
	return m.method == c.Value &&
		(m.label == "" || m.label == c.Label || lastDigits(m.label) == lastDigits(c.Label))
}

// offerRetry asks once whether to send a new request or to use another method. In a
// non-interactive sign-in it returns an error, because unsolicited requests train users
// to approve anything.
func (s *signIn) offerRetry(ctx context.Context, snap Snapshot, what, resend string) (action, error) {
	refused := fault.New(fault.Auth, what, "run the command again when you are ready to approve it")
	canResend, canLeave := snap.Shows(resend), snap.Shows(anotherWayID)
	if !canResend && !canLeave {
		return action{}, refused
	}
	current := s.current(snap)
	others := s.others(snap, current)
	choices := []Choice{{Value: current.method, Label: "send another request"}}
	for _, c := range others {
		text := "use " + methodOf(c.Value).Text
		if digits := lastDigits(c.Label); digits != "" {
			text += " (…" + digits + ")"
		}
		choices = append(choices, Choice{Value: c.Value, Label: text})
	}
	choices = append(choices, Choice{Value: "stop", Label: "stop"})
	i, err := s.Ask.Choose(ctx, strings.ToUpper(what[:1])+what[1:], choices)
	switch {
	case err != nil && fault.KindOf(err) != fault.NeedsInput:
		return action{}, err
	case err != nil || i == len(choices)-1:
		return action{}, refused
	}
	s.shown = display{}
	switch {
	case i > 0:
		return s.leaveFor(snap, chosenMethod{method: others[i-1].Value, label: others[i-1].Label}), nil
	case canResend:
		return clickID(resend), nil
	}
	return s.leaveFor(snap, current), nil
}

// others returns the methods of the account that need no window, without current.
func (s *signIn) others(snap Snapshot, current chosenMethod) []Choice {
	if !snap.Shows(anotherWayID) {
		return nil
	}
	var list []Choice
	for _, p := range snap.Proofs {
		c := Choice{Kind: "method", Value: p.Method, Label: p.Label}
		if known := methodOf(p.Method); known.Name != "" && !known.Window && !current.is(c) {
			list = append(list, c)
		}
	}
	return list
}
