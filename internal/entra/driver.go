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
	LoginHosts []string    // more hosts that may receive the password, e.g. an AD FS server
	Username   string      // "" asks
	Watch      bool        // a person acts in the window: answer no page, only wait
	Remember   bool        // answer "Stay signed in?" with yes
	Method     string      // preferred method of multifactor authentication, "" for the tenant's default
	Seed       secret.Text // of an authenticator app, to compute its codes; "" asks for them
	// Record is told of every page that was left, for diagnostics. It may be nil.
	Record func(Visit)
	// WrongPassword is told when Microsoft says of the last password that it is
	// wrong: a page that asks again says nothing of it. It may be nil.
	WrongPassword func(context.Context)
	// WrongSeed is told when Microsoft says that of the code computed for a
	// window of time. It may be nil.
	WrongSeed func(ctx context.Context, window int64)
	Ask       Prompter
	Log       *slog.Logger
	Now       func() time.Time
}

const (
	// lookEvery bounds how long a change of the page can go unnoticed when
	// the page's own notice of it is lost.
	lookEvery = 250 * time.Millisecond
	// personLimit is how long a person may take in a visible window.
	personLimit = 10 * time.Minute
)

// signIn is the course of one sign-in.
type signIn struct {
	Driver
	page Page
	seed *seed // nil when there is none

	username  string
	passwords int // how many were submitted
	codes     int
	passes    int
	answered  question    // what the last code was an answer to
	pending   secret.Text // asked for, not yet submitted
	number    string      // the number last shown
	told      string      // what was last told
	window    int64       // of the last computed code that was submitted
	spoilt    bool        // the codes of the seed are not taken

	chosen choice   // the method taken from the list of a page
	redo   choice   // the method to take once more
	failed []choice // those that could not be begun
	left   int64    // the document whose method was left for the list
	lacks  bool     // it was said that the profile's method is none of the account's

	at     time.Time // of this look
	stay   stay
	visits map[string]int
	shown  Visit     // the page shown now
	since  time.Time // when it was first seen
}

// Visit is a page that a sign-in came by. It holds no secret and nothing of
// the person.
type Visit struct {
	State string        `json:"state"`
	Spent time.Duration `json:"spent_ns"`
	Page  Snapshot      `json:"page"`
}

// Run loads startURL and answers pages until one of them posts a SAMLResponse
// to AWS, which it returns as it was in the form (base64). Errors are faults:
// Auth when Microsoft refuses, NeedsInput when a person is needed and absent,
// Page for a page that no row of States knows, Browser and Network.
func (d Driver) Run(ctx context.Context, page Page, startURL string) (secret.Text, error) {
	seed, err := readSeed(d.Seed)
	if err != nil {
		return secret.Text{}, err
	}
	s := &signIn{Driver: d, page: page, seed: seed, username: d.Username, visits: map[string]int{}}
	defer s.enter(Visit{})
	if script := s.preparation(); script != "" && !s.Watch {
		if err := page.Prepare(ctx, script); err != nil {
			return secret.Text{}, err
		}
	}
	if err := page.Navigate(ctx, startURL); err != nil {
		return secret.Text{}, err
	}
	var w watch
	for {
		if assertion, ok := captured(page); ok {
			return assertion, nil
		}
		err := s.look(ctx, page, &w)
		if assertion, ok := captured(page); ok {
			return assertion, nil
		}
		if err == nil {
			var assertion secret.Text
			if assertion, err = s.wait(ctx, page); err == nil {
				return assertion, nil
			}
		}
		if !errors.Is(err, errLookAgain) {
			return secret.Text{}, s.explain(ctx, err)
		}
	}
}

// errLookAgain is what wait says while there is no assertion.
var errLookAgain = errors.New("look again")

// wait waits for the assertion, or until there is something to look at: a
// change of the page, or some time gone by.
func (s *signIn) wait(ctx context.Context, page Page) (secret.Text, error) {
	timer := time.NewTimer(lookEvery)
	defer timer.Stop()
	select {
	case assertion := <-page.Captured():
		return assertion, nil
	case <-ctx.Done():
		return secret.Text{}, ctx.Err()
	case <-page.Gone():
		if s.Watch {
			return secret.Text{}, fault.New(
				fault.Auth, "the browser window was closed before the sign-in was finished", "run the command again",
			)
		}
		return secret.Text{}, fault.New(
			fault.Browser, "the browser ended in the middle of the sign-in",
			"run the command again; --debug shows what it did",
		)
	case <-page.Changed():
	case <-timer.C:
	}
	return secret.Text{}, errLookAgain
}

// look answers the page as it is now, unless a person does.
func (s *signIn) look(ctx context.Context, page Page, w *watch) error {
	s.at = s.Now()
	if s.Watch {
		if w.since.IsZero() {
			w.since = s.at
		}
		if s.at.Sub(w.since) > personLimit {
			return fault.New(fault.Auth, "nobody finished the sign-in in the browser window", "run the command again")
		}
		s.note(ctx, page)
		return nil
	}
	snap, err := page.Snapshot(ctx)
	if err != nil {
		return err
	}
	return s.step(ctx, w, snap)
}

// note names the page that a person sees, for the log and the diagnostics.
func (s *signIn) note(ctx context.Context, page Page) {
	snap, err := page.Snapshot(ctx)
	if err != nil || !snap.Ready || snap.Host == "" {
		return
	}
	name := "unknown"
	if state, ok := Recognise(snap); ok {
		name = state.Name
	}
	if name != s.shown.State || snap.Document != s.shown.Page.Document {
		s.enter(Visit{State: name, Page: snap.Redacted()})
	}
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
	key      key
	since    time.Time
	acted    bool
	unready  time.Time // since when a document is busy or empty
	document int64
	answers  int       // background requests answered when the view was acted on
	clear    bool      // it showed no refusal then
	refused  time.Time // since when the view seems to refuse what it was given
}

// key is what makes two looks the same page in the same condition.
type key struct {
	state    string
	document int64
	view     string
}

// look reports whether this is another page than at the last look.
func (w *watch) look(k key, now time.Time) bool {
	if k == w.key && !w.since.IsZero() {
		return false
	}
	*w = watch{key: k, since: now}
	return true
}

// again reports that the view answered what was done to it, and refuses it.
// It waits a moment to be sure: an error of the attempt before stays visible
// while the view after it is on its way.
func (w *watch) again(state State, snap Snapshot, now time.Time) bool {
	if state.Again == nil || snap.Answers <= w.answers && !w.clear || !state.Again(snap) {
		w.refused = time.Time{}
		return false
	}
	if w.refused.IsZero() {
		w.refused = now
	}
	return now.Sub(w.refused) >= againAfter
}

// step looks at one snapshot and does what its state says.
func (s *signIn) step(ctx context.Context, w *watch, snap Snapshot) error {
	if err := s.meet(snap); err != nil {
		return err
	}
	if !snap.Ready {
		return s.patient(w, snap)
	}
	w.unready = time.Time{}
	if snap.Host == "" { // nothing came yet
		w.look(key{state: "nothing"}, s.at)
		if s.over(w.since, stuckLimit, snap) {
			return s.stuck(snap)
		}
		return nil
	}
	if err := s.checkHost(snap); err != nil {
		return err
	}
	state, ok := Recognise(snap)
	if !ok {
		return s.await(w, snap)
	}
	k := key{state: state.Name, document: snap.Document, view: snap.View}
	if k.state != w.key.state || k.document != w.key.document {
		s.enter(Visit{State: state.Name, Page: snap.Redacted()})
	} else {
		s.shown.Page = snap.Redacted() // it may have become more complete
	}
	if w.look(k, s.at) {
		s.stay.calm = s.at
	}
	if s.over(w.since, state.Limit, snap) {
		if state.Late != nil {
			return state.Late(s, snap)
		}
		return s.stuck(snap)
	}
	if state.Do == nil || w.acted && !state.Watch && !w.again(state, snap, s.at) {
		return nil
	}
	return s.act(ctx, w, state, snap)
}

// act does what a state says, at most as often as it says.
func (s *signIn) act(ctx context.Context, w *watch, state State, snap Snapshot) error {
	if !state.Watch {
		if s.visits[state.Name]++; s.visits[state.Name] > state.Visits {
			return s.looping(state, snap)
		}
	}
	err := state.Do(ctx, s, snap)
	before := s.at
	s.at = s.Now()
	if errors.Is(err, errLater) {
		s.visits[state.Name]--
		w.since, s.stay.calm = s.at, s.at
		return nil
	}
	if errors.Is(err, ErrMoved) { // nothing happened: look again
		s.visits[state.Name]--
		took := s.at.Sub(before) // the time of a person is not the page's
		w.since, s.stay.calm = w.since.Add(took), s.stay.calm.Add(took)
		return nil
	}
	if !state.Watch {
		w.acted, w.since, w.answers, w.refused = true, s.at, snap.Answers, time.Time{}
		w.clear = state.Again != nil && !state.Again(snap)
		s.stay = stay{document: s.stay.document, since: s.at, calm: s.at}
	}
	return err
}

// enter notes that another page is shown now, and says how long the last one
// was. The log is redacted where it is written.
func (s *signIn) enter(v Visit) {
	now := s.Now()
	if s.shown.State != "" {
		s.shown.Spent = now.Sub(s.since)
		s.Log.Debug("sign-in page left", "state", s.shown.State, "after", s.shown.Spent.Round(time.Millisecond))
		if s.Record != nil {
			s.Record(s.shown)
		}
	}
	if v.State != "" {
		s.Log.Debug(
			"sign-in page", "state", v.State, "page", v.Page.PageID, "view", v.Page.View, "code", v.Page.ErrorCode,
			"host", v.Page.Host,
		)
	}
	s.shown, s.since = v, now
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
