package entra

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// Driver signs a person in on a Page.
type Driver struct {
	Cloud      Cloud
	LoginHosts []string // more hosts that may receive the password, e.g. an AD FS server
	Username   string   // "" asks
	Watch      bool     // a person acts in the window: answer no page, only wait
	Remember   bool     // answer "Stay signed in?" with yes
	Method     string   // preferred method of multifactor authentication, "" for the tenant's default
	Ask        Asker
	Log        *slog.Logger
	Now        func() time.Time
}

const (
	// lookEvery bounds how long a change of the page can go unnoticed when
	// the page's own notice of it is lost.
	lookEvery = 250 * time.Millisecond
	// unknownLimit is how long an unknown page may take to become a known one.
	unknownLimit = 20 * time.Second
	// stuckLimit is how long a page may stay busy or empty.
	stuckLimit = 40 * time.Second
	// personLimit is how long a person may take in a visible window.
	personLimit = 10 * time.Minute
)

// signIn is the course of one sign-in.
type signIn struct {
	Driver
	page Page

	username  string
	passwords int // how many were submitted
	codes     int
	pending   secret.Text // asked for, not yet submitted
	number    string      // the number last shown
	told      string      // the state last told of

	visits map[string]int
}

// Run loads startURL and answers pages until one of them posts a SAMLResponse
// to AWS, which it returns as it was in the form (base64). Errors are faults:
// Auth when Microsoft refuses, NeedsInput when a person is needed and absent,
// Page for a page that no row of States knows, Browser and Network.
func (d Driver) Run(ctx context.Context, page Page, startURL string) (secret.Text, error) {
	s := &signIn{Driver: d, page: page, username: d.Username, visits: map[string]int{}}
	if err := page.Navigate(ctx, startURL); err != nil {
		return secret.Text{}, err
	}
	w := watch{now: d.Now}
	for {
		select {
		case assertion := <-page.Captured():
			return assertion, nil
		default:
		}
		err := s.look(ctx, page, &w)
		if assertion, ok := captured(page); ok {
			return assertion, nil
		}
		if err != nil {
			return secret.Text{}, s.explain(ctx, err)
		}
		timer := time.NewTimer(lookEvery)
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case assertion := <-page.Captured():
			timer.Stop()
			return assertion, nil
		case <-page.Gone():
			err = fault.New(fault.Browser, "the browser ended in the middle of the sign-in", "run the command again; --debug shows what it did")
		case <-page.Changed():
		case <-timer.C:
		}
		timer.Stop()
		if err != nil {
			return secret.Text{}, s.explain(ctx, err)
		}
	}
}

// look answers the page as it is now, unless a person does.
func (s *signIn) look(ctx context.Context, page Page, w *watch) error {
	if s.Watch {
		if w.since.IsZero() {
			w.since = s.Now()
		}
		if w.over(personLimit) {
			return fault.New(fault.Auth, "nobody finished the sign-in in the browser window", "run the command again")
		}
		return nil
	}
	snap, err := page.Snapshot(ctx)
	if err != nil {
		return err
	}
	return s.step(ctx, w, snap)
}

func captured(page Page) (secret.Text, bool) {
	select {
	case assertion := <-page.Captured():
		return assertion, true
	default:
		return secret.Text{}, false
	}
}

// explain turns an error of the page into one for the user.
func (s *signIn) explain(ctx context.Context, err error) error {
	var wrong *WrongHostError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &wrong):
		return s.foreign(wrong.Host, wrong.Why)
	}
	return err
}

// watch tells how long a page has been the way it is.
type watch struct {
	now     func() time.Time
	key     key
	since   time.Time
	acted   bool
	answers int       // background requests answered when the view was acted on
	refused time.Time // since when the view seems to refuse what it was given
}

// key is what makes two looks the same page in the same condition.
type key struct {
	state    string
	document int64
	view     string
}

func (w *watch) look(k key) {
	if k != w.key || w.since.IsZero() {
		*w = watch{now: w.now, key: k, since: w.now()}
	}
}

func (w *watch) over(limit time.Duration) bool { return w.now().Sub(w.since) > limit }

// again reports that the view answered what was done to it, and refuses it.
// It waits a moment to be sure: an error of the attempt before stays visible
// while the view after it is on its way.
func (w *watch) again(state State, snap Snapshot) bool {
	if state.Again == nil || snap.Answers <= w.answers || !state.Again(snap) {
		w.refused = time.Time{}
		return false
	}
	if w.refused.IsZero() {
		w.refused = w.now()
	}
	return w.now().Sub(w.refused) >= againAfter
}

// step looks at one snapshot and does what its state says.
func (s *signIn) step(ctx context.Context, w *watch, snap Snapshot) error {
	if !snap.Ready {
		w.look(key{state: "not ready", document: snap.Document})
		if w.over(stuckLimit) {
			return s.stuck(snap)
		}
		return nil
	}
	if err := s.checkHost(snap); err != nil {
		return err
	}
	state, ok := Recognise(snap)
	if !ok {
		w.look(key{state: "unknown", document: snap.Document, view: snap.View})
		if w.over(unknownLimit) {
			return s.unknown(snap)
		}
		return nil
	}
	k := key{state: state.Name, document: snap.Document, view: snap.View}
	fresh := k != w.key
	w.look(k)
	if fresh {
		s.Log.Debug("sign-in page", "state", state.Name, "page", snap.PageID, "view", snap.View, "code", snap.ErrorCode, "host", snap.Host)
	}
	if w.over(state.Limit) {
		return s.stuck(snap)
	}
	if state.Do == nil || w.acted && !state.Watch && !w.again(state, snap) {
		return nil
	}
	if !state.Watch {
		if s.visits[state.Name]++; s.visits[state.Name] > state.Visits {
			return s.looping(state, snap)
		}
	}
	err := state.Do(ctx, s, snap)
	if errors.Is(err, ErrMoved) {
		s.visits[state.Name]--
		return nil // nothing happened: look again
	}
	if !state.Watch {
		// A person may have taken their time to answer.
		w.acted, w.since, w.answers, w.refused = true, w.now(), snap.Answers, time.Time{}
	}
	return err
}

// checkHost stops at a page that is neither Microsoft's nor allowed by the
// profile: before a keystroke, and saying which host it is.
func (s *signIn) checkHost(snap Snapshot) error {
	if !real(snap) || s.knows(snap.Host) {
		if real(snap) && !snap.Secure {
			return s.foreign(snap.Host, "its connection is not secure")
		}
		return nil
	}
	return s.foreign(snap.Host, "it is not a host of Microsoft's sign-in nor allowed by the profile")
}

func (s *signIn) knows(host string) bool {
	return slices.Contains(s.secretHosts(), host) || slices.Contains(s.Cloud.PassHosts, host)
}

// secretHosts are the hosts that may receive a password or a code.
func (s *signIn) secretHosts() []string {
	return append(slices.Clone(s.Cloud.SecretHosts), s.LoginHosts...)
}
