package entra

import (
	"time"

	"github.com/o365aws/o365aws/internal/fault"
)

// How long a page may stay unchanged.
const (
	// unknownLimit is how long an unknown page that awaits no reply may take
	// to become a known one.
	unknownLimit = 8 * time.Second
	// stuckLimit is how long a page may stay busy or empty, or await a reply.
	stuckLimit = 30 * time.Second
	// unattendedLimit is how long a page that awaits no reply may stay unchanged
	// in a non-interactive sign-in.
	unattendedLimit = 8 * time.Second
	// maxIdle is how many documents may follow each other without anything to
	// do: a sign-in over AD FS, device and session has six or seven.
	maxIdle = 20
)

// documentTracker tracks how long the document shown has been there.
type documentTracker struct {
	id         int64
	since      time.Time // when it appeared, or was last acted on
	quietSince time.Time // since when it awaits no reply and shows nothing new
	idle       int       // documents since the last action
	named      Snapshot  // the last one that had a page id
}

func (d *documentTracker) markActed(now time.Time) {
	*d = documentTracker{id: d.id, since: now, quietSince: now}
}

// viewKey identifies a view of a page. Two polls with the same key saw the
// same page in the same condition.
type viewKey struct {
	state    string
	document int64
	view     string
}

// viewTracker tracks how long a view has been as it is, and what became of the
// action on it.
type viewTracker struct {
	key      viewKey
	since    time.Time
	acted    bool
	answers  int       // background requests answered when it was acted on
	clear    bool      // it showed no refusal then
	refusing time.Time // since when it shows a refusal
}

// update starts over when the key is another one than at the last poll, and
// reports whether it is.
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

// refusedSince reports whether the view shows a refusal that it did not show
// when it was acted on, or that a new answer brought.
func (v *viewTracker) refusedSince(state State, snap Snapshot) bool {
	return state.Again != nil && (snap.Answers > v.answers || v.clear) && state.Again(snap)
}

// refused reports whether the view has refused what was submitted. It waits a
// moment: the error of the attempt before stays visible while the next view is
// on its way.
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

// busyTracker tracks since when a document is busy or empty.
type busyTracker struct {
	since    time.Time
	document int64
}

// trackDocument notes which document a poll has seen, and fails when too many
// followed each other.
func (s *signIn) trackDocument(snap Snapshot) error {
	if snap.Host == "" { // between two documents, or before the first
		return nil
	}
	d := &s.document
	if snap.Document != d.id {
		*d = documentTracker{id: snap.Document, since: s.now, quietSince: s.now, idle: d.idle + 1, named: d.named}
		s.shown = display{} // another page asks anew
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
	case snap.PageID == "" && snap.Host == d.named.Host: // a document that has only begun
		return s.loops(d.named)
	}
	return s.loops(snap)
}

// timedOut reports whether a page has been as it is for longer than limit.
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

// drawsLater reports whether a page takes its time to offer another way than a
// passkey, without asking its server meanwhile.
func drawsLater(s Snapshot) bool { return s.PageID == pageSignIn && s.View == viewPasskey }

// checkBusy gives a busy page time to become ready. It is still the page that
// it was: a view that stays a moment after its reply is not acted on again.
func (s *signIn) checkBusy(snap Snapshot) error {
	if s.busy.since.IsZero() || snap.Document != s.busy.document {
		s.busy = busyTracker{since: s.now, document: snap.Document}
	}
	if s.timedOut(s.busy.since, stuckLimit, snap) {
		return s.stuck(snap)
	}
	return nil
}

// handleUnknown gives a page without a state time to become one.
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

// stuck returns the error of a page that did not advance, because a server did
// not answer or could not be reached, or because of the page itself.
func (s *signIn) stuck(snap Snapshot) error {
	last := s.visits.current
	if snap.Host != "" && snap.Document != 0 && snap.Document != last.Page.Document { // it was never a state
		s.recordVisit(Visit{State: "busy", Page: snap})
		s.visits.since = s.document.since
	}
	switch {
	case snap.Host == "" && last.State != "": // a document that waits for the next one shows nothing
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

// unanswered returns the error of a server that did not answer a page.
func unanswered(host, where string) error {
	return fault.Newf(fault.Network, "%s did not answer within %s: %s", host, stuckLimit, where).
		Hint("run the command again in a moment").
		Hint("if it happens again, check the network, and HTTPS_PROXY if there is one; --debug shows each page")
}
