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

// Driver signs a user in on a Page.
type Driver struct {
	Cloud      Cloud
	LoginHosts []string    // additional hosts that may receive the password, e.g. an AD FS server
	Username   string      // "" prompts for it
	Watch      bool        // the user acts in a visible window: only observe
	Remember   bool        // answer "Stay signed in?" with yes
	Method     string      // preferred MFA method; "" for the tenant's default
	TOTPSecret secret.Text // computes the codes of an authenticator app; "" prompts for them
	// Record is called for every page after it was left, with the data that is safe to
	// publish. It may be nil.
	Record func(Visit)
	// Private holds names of the user and the company that records must not contain.
	Private []string
	// PasswordRejected is called if Microsoft reports that the last password was wrong,
	// rather than just showing the page again. It may be nil.
	PasswordRejected func(context.Context)
	// CodeRejected is called if Microsoft reports that the code computed for a time
	// window was wrong. It may be nil.
	CodeRejected func(ctx context.Context, window int64)
	Ask          Prompter
	Log          *slog.Logger
	Now          func() time.Time
}

const (
	// pollInterval limits how long a change of the page goes unnoticed if its
	// notification is lost.
	pollInterval = 250 * time.Millisecond
	// userLimit is the time that the user has in a visible window.
	userLimit = 10 * time.Minute
)

// signIn is a sign-in in progress.
type signIn struct {
	Driver
	page     Page
	username string
	refused  string    // user name that Microsoft rejected
	now      time.Time // time of the current poll
	started  time.Time // time of the first poll

	typed    typed
	totp     totpState
	methods  methodState
	shown    display
	document documentTracker
	view     viewTracker
	busy     busyTracker
	pending  pendingAction
	visits   visitLog
	key      keyWatch
}

// typed tracks the secrets that the user entered.
type typed struct {
	passwords, codes, passes int         // number submitted
	question                 question    // what the last code was entered for
	unsent                   secret.Text // prompted for, but not submitted yet
}

// question identifies an input of a page. If the page asks for a code there again, the
// last one was rejected.
type question struct {
	document int64
	input    string
}

// display tracks what was shown to the user about the current document.
type display struct {
	number string
	notice string
}

// Visit is a page visited during a sign-in.
type Visit struct {
	State string   `json:"state"`
	Spent int64    `json:"spent_ms"`
	Page  Snapshot `json:"page"`
}

// visitLog counts the actions in each state, and tracks the current page for logs and
// diagnostics.
type visitLog struct {
	count   map[string]int
	current Visit
	since   time.Time
	// redirected reports whether Microsoft's page announced a redirect to the company's
	// own sign-in server.
	redirected bool
}

// Run loads startURL and answers pages until one of them posts a SAMLResponse to AWS,
// which it returns unmodified (base64). Errors are faults: Auth if Microsoft refuses the
// sign-in, NeedsInput if a prompt is required but not possible, Page for an unknown page,
// Browser and Network.
func (d Driver) Run(ctx context.Context, page Page, startURL string) (secret.Text, error) {
	generator, err := parseTOTP(d.TOTPSecret)
	if err != nil {
		return secret.Text{}, err
	}
	s := &signIn{
		Driver: d, page: page, username: d.Username,
		totp: totpState{generator: generator}, visits: visitLog{count: map[string]int{}},
	}
	defer s.recordVisit(Visit{})
	if preference := s.preparation(); !preference.IsZero() && !s.Watch {
		if err := page.Prepare(ctx, preference); err != nil {
			return secret.Text{}, err
		}
	}
	var shown steps
	defer func() { shown.end() }()
	shown.show(ctx, s)
	if err := page.Navigate(ctx, startURL); err != nil {
		return secret.Text{}, err
	}
	for {
		assertion, ok, err := s.next(ctx)
		shown.show(ctx, s)
		if err != nil {
			return secret.Text{}, s.explain(ctx, err)
		}
		if ok {
			return assertion, nil
		}
	}
}

// next polls the page once, answers it, and waits until it changes. It returns true if
// there is an assertion, which takes precedence over any error.
func (s *signIn) next(ctx context.Context) (secret.Text, bool, error) {
	if assertion, ok := captured(s.page); ok {
		return assertion, true, nil
	}
	err := s.poll(ctx)
	if assertion, ok := captured(s.page); ok {
		return assertion, true, nil
	}
	if err != nil {
		return secret.Text{}, false, err
	}
	return s.wait(ctx)
}

func captured(page Page) (secret.Text, bool) {
	select {
	case assertion := <-page.Captured():
		return assertion, true
	default:
		return secret.Text{}, false
	}
}

// wait returns when there is an assertion, when the page changes, or after pollInterval.
func (s *signIn) wait(ctx context.Context) (secret.Text, bool, error) {
	timer := time.NewTimer(pollInterval)
	defer timer.Stop()
	select {
	case assertion := <-s.page.Captured():
		return assertion, true, nil
	case <-ctx.Done():
		return secret.Text{}, false, ctx.Err()
	case <-s.page.Gone():
		return secret.Text{}, false, s.gone()
	case <-s.page.Changed():
	case <-s.key.pressed:
		s.key.pressed, s.key.leave = nil, true
	case <-timer.C:
	}
	return secret.Text{}, false, nil
}

func (s *signIn) gone() error {
	if s.Watch {
		return fault.New(
			fault.Auth, "the browser window was closed before the sign-in was finished", "run the command again",
		)
	}
	return fault.New(
		fault.Browser, "the browser ended in the middle of the sign-in",
		"run the command again; --debug shows what it did",
	)
}

// poll takes one snapshot and answers the page, unless the user does.
func (s *signIn) poll(ctx context.Context) error {
	s.now = s.Now()
	if s.Watch {
		return s.watch(ctx)
	}
	snap, err := s.page.Snapshot(ctx)
	if err != nil {
		return err
	}
	return s.handle(ctx, snap)
}

// watch records the page in the user's visible window.
func (s *signIn) watch(ctx context.Context) error {
	if s.started.IsZero() {
		s.started = s.now
	}
	if s.now.Sub(s.started) > userLimit {
		return fault.New(
			fault.Auth, "the sign-in in the browser window was not finished in time", "run the command again",
		)
	}
	snap, err := s.page.Snapshot(ctx)
	if err != nil || !snap.Ready || snap.Host == "" {
		return nil
	}
	name := "unknown"
	if state, ok := Recognize(snap); ok {
		name = state.Name
	}
	if name != s.visits.current.State || snap.Document != s.visits.current.Page.Document {
		s.recordVisit(Visit{State: name, Page: snap})
	}
	return nil
}

// explain converts an error of the page to one for the user.
func (s *signIn) explain(ctx context.Context, err error) error {
	var wrong *WrongHostError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &wrong):
		return s.foreign(wrong.Host, wrong.Why, s.visits.current.Page)
	}
	return err
}

// handle answers a snapshot according to its state.
func (s *signIn) handle(ctx context.Context, snap Snapshot) error {
	if err := s.trackDocument(snap); err != nil {
		return err
	}
	if !snap.Ready {
		s.pending.wait(s.now)
		return s.checkBusy(snap)
	}
	s.busy.since = time.Time{}
	if snap.Host == "" { // no document yet
		s.view.update(viewKey{state: "nothing"}, s.now)
		if s.timedOut(s.view.since, stuckLimit, snap) {
			return s.stuck(snap)
		}
		return nil
	}
	if err := s.checkHost(snap); err != nil {
		return err
	}
	state, ok := Recognize(snap)
	if !ok {
		return s.handleUnknown(snap)
	}
	key := viewKey{state: state.Name, document: snap.Document, view: snap.View}
	if key.state != s.view.key.state || key.document != s.view.key.document {
		s.recordVisit(Visit{State: state.Name, Page: snap})
	} else {
		s.visits.current.Page = snap // it may be more complete now
	}
	if s.view.update(key, s.now) {
		s.document.quietSince = s.now
	}
	if handled, err := s.checkEffect(ctx, state, snap); handled || err != nil {
		return err
	}
	if s.timedOut(s.view.since, state.Limit, snap) {
		if state.Late != nil {
			return state.Late(s, snap)
		}
		return s.stuck(snap)
	}
	if state.Do == nil || s.view.acted && !state.Watch && !s.view.refused(state, snap, s.now) {
		return nil
	}
	return s.act(ctx, state, snap)
}

// recordVisit ends the visit of the current page and starts the next one.
func (s *signIn) recordVisit(v Visit) {
	s.key.end()
	now := s.Now()
	if last := &s.visits.current; last.State != "" {
		spent := now.Sub(s.visits.since).Round(time.Millisecond)
		s.Log.Debug("sign-in page left", "state", last.State, "after", spent)
		if s.Record != nil {
			private := slices.Concat(s.Private, []string{s.username})
			s.Record(Visit{last.State, spent.Milliseconds(), last.Page.Redacted(private...)})
		}
	}
	s.visits.redirected = s.visits.redirected || v.State == "redirecting"
	if v.State != "" {
		s.Log.Debug(
			"sign-in page", "state", v.State, "page", v.Page.PageID, "view", v.Page.View, "code", v.Page.ErrorCode,
			"host", v.Page.Host,
		)
	}
	s.visits.current, s.visits.since = v, now
}

// checkHost returns an error, before anything is typed, on a host that is neither
// Microsoft's nor allowed by the profile.
func (s *signIn) checkHost(snap Snapshot) error {
	if !real(snap) || s.knows(snap.Host) {
		if real(snap) && !snap.Secure {
			return s.foreign(snap.Host, "its connection is not secure", snap)
		}
		return nil
	}
	return s.foreign(snap.Host, "neither Microsoft's sign-in nor a host that the profile allows", snap)
}

func (s *signIn) knows(host string) bool {
	return slices.Contains(s.secretHosts(), host) || s.Cloud.passes(host)
}

// secretHosts returns the hosts that may receive a password or a code.
func (s *signIn) secretHosts() []string {
	return append(slices.Clone(s.Cloud.SecretHosts), s.LoginHosts...)
}
