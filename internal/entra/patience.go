package entra

import (
	"time"

	"github.com/o365aws/o365aws/internal/fault"
)

// How long a page may stay as it is.

const (
	// unknownLimit is how long an unknown page that waits for no answer may
	// take to become a known one.
	unknownLimit = 8 * time.Second
	// stuckLimit is how long a page may stay busy or empty, or wait for an
	// answer.
	stuckLimit = 30 * time.Second
	// aloneLimit is how long a page may that waits for no answer, where nobody
	// is there who could wait with it.
	aloneLimit = 8 * time.Second
	// maxIdle is how many documents may follow each other with nothing to do
	// on any: a way over AD FS, device and session has six or seven.
	maxIdle = 20
)

// stay is how long the document shown has been there.
type stay struct {
	document int64
	since    time.Time // when it came, or was last acted on
	calm     time.Time // since when it waits for no answer and shows nothing new
	idle     int       // documents since something was done
	named    Snapshot  // the last of those that had its page's id
}

// meet notes which document a look has met, and stops when too many came by.
func (s *signIn) meet(snap Snapshot) error {
	if snap.Host == "" { // between two documents, or before the first
		return nil
	}
	if snap.Document != s.stay.document {
		s.stay = stay{document: snap.Document, since: s.at, calm: s.at, idle: s.stay.idle + 1, named: s.stay.named}
		s.number, s.told = "", "" // another page asks anew
	}
	if snap.Awaits != "" {
		s.stay.calm = s.at
	}
	if snap.PageID != "" {
		s.stay.named = snap
	}
	switch {
	case s.stay.idle <= maxIdle:
		return nil
	case snap.PageID == "" && snap.Host == s.stay.named.Host: // a document that has only begun
		return s.circles(s.stay.named)
	}
	return s.circles(snap)
}

// over reports that a page has stayed as it is since a time for longer than a
// limit.
func (s *signIn) over(since time.Time, limit time.Duration, snap Snapshot) bool {
	alone := !s.Ask.Phone() && limit == quickLimit && snap.Host != "" && !drawsLater(snap)
	switch {
	case s.at.Sub(since) > limit:
	case alone && s.at.Sub(s.stay.calm) > aloneLimit:
		limit = aloneLimit
	default:
		return false
	}
	s.Log.Debug(
		"gave up on the page", "limit", limit, "after", s.at.Sub(s.stay.since).Round(time.Millisecond), "awaits",
		snap.Awaits, "page", snap.where(),
	)
	return true
}

// drawsLater knows the page that takes its time to offer another way than a
// passkey, without asking its server meanwhile.
func drawsLater(s Snapshot) bool { return s.PageID == pageSignIn && s.View == viewPasskey }

// patient waits for a page that is busy. It is still the page that it was: a
// view that stays a moment after its answer came is not acted on once more.
func (s *signIn) patient(w *watch, snap Snapshot) error {
	if w.unready.IsZero() || snap.Document != w.document {
		w.unready, w.document = s.at, snap.Document
	}
	if s.over(w.unready, stuckLimit, snap) {
		return s.stuck(snap)
	}
	return nil
}

// await gives a page without a state time to become one.
func (s *signIn) await(w *watch, snap Snapshot) error {
	name, limit, end := "unknown", unknownLimit, s.unknown
	switch {
	case isLoading(snap):
		name, limit, end = "loading", stuckLimit, s.stuck
	case snap.Awaits != "":
		limit = stuckLimit
	}
	k := key{state: name, document: snap.Document, view: snap.View}
	if name == "unknown" && (k.state != w.key.state || k.document != w.key.document) {
		s.enter(Visit{State: name, Page: snap.Redacted()})
	}
	w.look(k, s.at)
	if s.over(w.since, limit, snap) {
		return end(snap)
	}
	return nil
}

// stuck ends a sign-in on a page that does not go on: because of a server
// that does not answer, of one that nobody gets through to, or of the page.
func (s *signIn) stuck(snap Snapshot) error {
	if snap.Host != "" && snap.Document != 0 && snap.Document != s.shown.Page.Document { // it was never a state
		s.enter(Visit{State: "busy", Page: snap.Redacted()})
		s.since = s.stay.since
	}
	switch {
	case snap.Host == "" && s.shown.State != "": // a document that waits for the next one shows nothing
		snap.Host, snap.PageID, snap.View = s.shown.Page.Host, s.shown.Page.PageID, s.shown.Page.View
		return s.stuck(snap)
	case snap.Host == "" && snap.Awaits == "":
		return fault.New(
			fault.Network, "Microsoft's sign-in page did not come",
			"check the network, and HTTPS_PROXY if there is one",
		)
	case snap.Host == "":
		return unanswered(snap.Awaits, "it was the first page of the sign-in")
	case snap.Awaits != "":
		return unanswered(snap.Awaits, snap.where())
	case snap.Missing != "":
		return fault.Newf(fault.Network, "the sign-in page did not come whole: %s did not give its script (%s)", snap.Missing, snap.where()).
			Hint("your network may block it: aadcdn.msauth.net and aadcdn.msftauth.net must be reachable")
	}
	return fault.Newf(fault.Page, "the sign-in page did not go on: %s", snap.where()).
		Hint("run the command again; --debug shows each page")
}

// unanswered says which server leaves a page waiting.
func unanswered(host, where string) error {
	return fault.Newf(fault.Network, "%s did not answer within %s: %s", host, stuckLimit, where).
		Hint("run the command again in a moment").
		Hint("if it stays, check the network, and HTTPS_PROXY if there is one; --debug shows each page")
}
