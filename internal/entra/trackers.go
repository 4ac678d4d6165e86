package entra

import (
	"time"

	"github.com/o365aws/o365aws/internal/fault"
)

// Limits for a page that does not change.
const (
	// unknownLimit is how long an unknown page without a pending response may take to
	// become a known one.
	unknownLimit = 8 * time.Second
	// stuckLimit is how long a page may be busy, empty, or waiting for a response.
	stuckLimit = 30 * time.Second
	// unattendedLimit is how long a page without a pending response may remain unchanged
	// in a non-interactive sign-in.
	unattendedLimit = 8 * time.Second
	// maxIdle is the maximum number of consecutive documents without an action: a sign-in
	// with AD FS, device and session has six or seven.
	maxIdle = 20
)

// documentTracker tracks how long the current document has been shown.
type documentTracker struct {
	id         int64
	since      time.Time // when it appeared or was last acted on
	quietSince time.Time // since when no response is pending and nothing new is shown
	idle       int       // number of documents since the last action
	named      Snapshot  // last document with a page ID
}

func (d *documentTracker) markActed(now time.Time) {
	*d = documentTracker{id: d.id, since: now, quietSince: now}
}

// viewKey identifies a view of a page. Two polls with the same key saw the same page in
// the same state.
type viewKey struct {
	state    string
	document int64
	view     string
}

// viewTracker tracks how long a view has been unchanged, and the result of the action on
// it.
type viewTracker struct {
	key      viewKey
	since    time.Time
	acted    bool
	answers  int       // background requests with a response at the time of the action
	clear    bool      // it showed no rejection at the time of the action
	refusing time.Time // since when it shows a rejection
}

// update resets the tracker if the key differs from that of the last poll, and reports
// whether it does.
func (v *viewTracker) update(key viewKey, now time.Time) bool {
	if key == v.key && !v.since.IsZero() {
		return false
	}
	*v = viewTracker{key: key, since: now}
	return true
}

func (v *viewTracker) markActed(state State, snap Snapshot, now time.Time) {
	v.acted, v.since, v.answers, v.refusing = true, now, snap.Answers, time.Time{}
	v.clear = state.Again != nil && !state.Again(snap)
}

// refusedSince reports whether the view shows a rejection that it did not show before the
// action, or that a new response brought.
func (v *viewTracker) refusedSince(state State, snap Snapshot) bool {
	return state.Again != nil && (snap.Answers > v.answers || v.clear) && state.Again(snap)
}

// refused reports whether the view has rejected the input. It waits a moment, because the
// error of the previous attempt remains visible while the next view loads.
func (v *viewTracker) refused(state State, snap Snapshot, now time.Time) bool {
	if !v.refusedSince(state, snap) {
		v.refusing = time.Time{}
		return false
	}
	if v.refusing.IsZero() {
		v.refusing = now
	}
	return now.Sub(v.refusing) >= againAfter
}

// busyTracker tracks since when a document has been busy or empty.
type busyTracker struct {
	since    time.Time
	document int64
}

// trackDocument records the document of a poll. It returns an error after too many
// consecutive documents.
func (s *signIn) trackDocument(snap Snapshot) error {
	if snap.Host == "" { // between two documents, or before the first
		return nil
	}
	d := &s.document
	if snap.Document != d.id {
		*d = documentTracker{id: snap.Document, since: s.now, quietSince: s.now, idle: d.idle + 1, named: d.named}
		s.shown = display{} // another page may prompt again
	}
	if snap.Awaits != "" {
		d.quietSince = s.now
	}
	if snap.PageID != "" {
		d.named = snap
	}
	switch {
	case d.idle <= maxIdle:
		return nil
	case snap.PageID == "" && snap.Host == d.named.Host: // a document that has just started to load
		return s.loops(d.named)
	}
	return s.loops(snap)
}

// timedOut reports whether a page has been unchanged for longer than limit.
func (s *signIn) timedOut(since time.Time, limit time.Duration, snap Snapshot) bool {
	unattended := !s.Ask.Phone() && limit == quickLimit && snap.Host != "" && !drawsLater(snap)
	switch {
	case s.now.Sub(since) > limit:
	case unattended && s.now.Sub(s.document.quietSince) > unattendedLimit:
		limit = unattendedLimit
	default:
		return false
	}
	s.Log.Debug(
		"sign-in page timed out", "limit", limit, "after", s.now.Sub(s.document.since).Round(time.Millisecond),
		"awaits", snap.Awaits, "page", snap.where(),
	)
	return true
}

// drawsLater reports whether a page offers an alternative to a passkey only after some
// time, without contacting its server.
func drawsLater(s Snapshot) bool { return s.PageID == pageSignIn && s.View == viewPasskey }

// checkBusy gives a busy page time to become ready. It remains the same page: a view that
// is still shown after its response is not acted on again.
func (s *signIn) checkBusy(snap Snapshot) error {
	if s.busy.since.IsZero() || snap.Document != s.busy.document {
		s.busy = busyTracker{since: s.now, document: snap.Document}
	}
	if s.timedOut(s.busy.since, stuckLimit, snap) {
		return s.stuck(snap)
	}
	return nil
}

// handleUnknown gives an unknown page time to become a known one.
func (s *signIn) handleUnknown(snap Snapshot) error {
	name, limit, end := "unknown", unknownLimit, s.unknown
	switch {
	case isLoading(snap):
		name, limit, end = "loading", stuckLimit, s.stuck
	case snap.Awaits != "":
		limit = stuckLimit
	}
	key := viewKey{state: name, document: snap.Document, view: snap.View}
	if name == "unknown" && (key.state != s.view.key.state || key.document != s.view.key.document) {
		s.recordVisit(Visit{State: name, Page: snap})
	}
	s.view.update(key, s.now)
	if s.timedOut(s.view.since, limit, snap) {
		return end(snap)
	}
	return nil
}

// stuck returns the error of a page that did not advance, because a server did not
// respond or was unreachable, or because of the page itself.
func (s *signIn) stuck(snap Snapshot) error {
	last := s.visits.current
	if snap.Host != "" && snap.Document != 0 && snap.Document != last.Page.Document { // it was never in a known state
		s.recordVisit(Visit{State: "busy", Page: snap})
		s.visits.since = s.document.since
	}
	switch {
	case snap.Host == "" && last.State != "": // a document that waits for the next one is empty
		snap.Host, snap.PageID, snap.View = last.Page.Host, last.Page.PageID, last.Page.View
		return s.stuck(snap)
	case snap.Host == "" && snap.Awaits == "":
		return fault.New(
			fault.Network, "timed out loading Microsoft's sign-in page",
			"check the network, and HTTPS_PROXY if there is one",
		)
	case snap.Host == "":
		return unanswered(snap.Awaits, "it was the first page of the sign-in")
	case snap.Awaits != "":
		return unanswered(snap.Awaits, snap.where())
	case snap.Missing != "":
		return fault.Newf(
			fault.Network, "the sign-in page loaded incompletely: no script from %s (%s)", snap.Missing, snap.where(),
		).Hint("your network may block it: aadcdn.msauth.net and aadcdn.msftauth.net must be reachable")
	}
	return fault.Newf(fault.Page, "the sign-in page did not advance: %s", snap.where()).
		Hint("run the command again; --debug shows each page")
}

// unanswered returns the error for a server that did not respond.
// where describes the page that waits for it, or is empty.
func unanswered(host, where string) error {
	if where != "" {
		where = ": " + where
	}
	return fault.Newf(fault.Network, "%s did not answer within %s%s", host, stuckLimit, where).
		Hint("run the command again in a moment").
		Hint("if it happens again, check the network, and HTTPS_PROXY if there is one; --debug shows each page")
}
