package entra

import (
	"context"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// preference returns the preferred method: the profile's, or else codes if there is a
// TOTP secret. A non-interactive sign-in with a TOTP secret always uses codes.
func (s *signIn) preference() string {
	if s.totp.generator != nil && (s.Method == "" || !s.Ask.Phone()) {
		return totpMethod
	}
	return s.Method
}

// method returns the method that the page uses, or "" if it is unknown.
func (s *signIn) method(snap Snapshot) string {
	if s.methods.chosen.document == snap.Document && s.methods.chosen.method != "" {
		return s.methods.chosen.method
	}
	if snap.Begun.Method != "" {
		return snap.Begun.Method
	}
	for _, p := range snap.Proofs {
		if p.Default {
			return p.Method
		}
	}
	return ""
}

// methodState tracks the selection of an MFA method.
type methodState struct {
	chosen     chosenMethod   // last method selected from a list
	retry      chosenMethod   // method to select again
	failed     []chosenMethod // methods that could not be started
	unwanted   chosenMethod   // the one that the user has left
	left       int64          // document that was left to open the list of methods
	notOffered bool           // the user has seen that the account lacks the profile's method
}

// chosenMethod is a method selected from the list of a page.
type chosenMethod struct {
	document int64
	method   string
	label    string
}

// onWayToList reports whether the page was left for the list of methods, which has not
// appeared yet.
func (s *signIn) onWayToList(snap Snapshot) bool {
	return s.methods.left == snap.Document && s.methods.chosen.document != snap.Document
}

// leaveMethod returns the action that opens the list of methods if the page started a
// method other than the preferred one. It does so once per document.
func (s *signIn) leaveMethod(snap Snapshot) (action, bool) {
	want, current := s.preference(), s.method(snap)
	if want == "" || s.methods.left == snap.Document || s.methods.chosen.document == snap.Document {
		return action{}, false
	}
	offered, twins := false, map[string]int{}
	for _, p := range snap.Proofs {
		twins[p.Method]++
	}
	for _, p := range snap.Proofs {
		if !fits(want, p.Method, p.Label) {
			continue
		}
		if offered = true; p.Method == current && (p.Default || twins[current] == 1) {
			return action{}, false // the page has already started it
		}
	}
	switch {
	case offered && snap.View == "": // the link to the list has not appeared yet
		return action{}, true
	case !offered && len(snap.Proofs) > 0:
		s.noticeNotOffered()
		return action{}, false
	case !offered, !snap.Shows(anotherWayID):
		return action{}, false
	}
	return clickID(anotherWayID).then(func() { s.methods.left = snap.Document }), true
}

// awaitPush shows the number to enter, again if it changes. Without a number, it says
// once that a request was sent to the phone.
func awaitPush(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	if s.onWayToList(snap) {
		return action{}, nil
	}
	if a, leave := s.leaveMethod(snap); leave {
		return a, nil
	}
	if !s.Ask.Phone() {
		return action{}, s.unattended("an approval on a phone")
	}
	where := "on your phone"
	if s.method(snap) == "CompanionAppsNotification" {
		where = "in Outlook on your phone"
	}
	s.showNumber(snap, "Approve the sign-in request "+where+".")
	return s.whileWaiting(ctx, snap), nil
}

// awaitPhone shows the number of a passwordless phone sign-in.
func awaitPhone(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	want := s.preference()
	other := want != "" && !fits(want, "PhoneAppNotification", "") &&
		snap.Shows(switchToPasswordID, switchToPickerID)
	if s.methods.left == snap.Document {
		return action{}, nil
	}
	if s.Ask.Phone() && !other {
		s.showNumber(snap, "Approve the sign-in request on your phone.")
		if !s.key.isPressed(ctx, s.Ask, snap.Shows(switchToPasswordID, switchToPickerID)) {
			return action{}, nil
		}
	}
	a, err := otherCredential(ctx, s, snap)
	return a.then(func() { s.methods.left = snap.Document }), err
}

// noticeOnce shows a notice, once per document.
func (s *signIn) noticeOnce(notice string) {
	if s.shown.notice != notice {
		s.shown.notice = notice
		s.Ask.Notice(notice)
	}
}

// showNumber shows the number on the page, or the one in the reply that started
// the request if the page has renamed its elements.
func (s *signIn) showNumber(snap Snapshot, notice string) {
	number := padNumber(snap.Number)
	if number == "" {
		number = padNumber(snap.Begun.Number)
	}
	if number != "" && number != s.shown.number {
		s.shown.number = number
		s.Ask.Number(number)
	}
	if number == "" && s.shown.number == "" {
		s.noticeOnce(notice)
	}
}

// padNumber returns a number with two digits: the app shows 07 where some pages
// show 7. It returns "" for anything else.
func padNumber(number string) string {
	number = strings.TrimSpace(number)
	if number == "" || len(number) > 3 || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	if len(number) == 1 {
		return "0" + number
	}
	return number
}

func awaitCall(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	if s.onWayToList(snap) {
		return action{}, nil
	}
	if a, leave := s.leaveMethod(snap); leave {
		return a, nil
	}
	if !s.Ask.Phone() {
		return action{}, s.unattended("a phone call")
	}
	s.noticeOnce(strings.TrimSpace("Answer the phone call and press #. " + snap.Detail))
	return s.whileWaiting(ctx, snap), nil
}

// unattended returns the error of a non-interactive sign-in that requires the user.
func (s *signIn) unattended(what string) error {
	return fault.New(fault.NeedsInput, "interactive sign-in required: Microsoft is waiting for "+what,
		"for unattended use, set O365AWS_TOTP_SECRET to the TOTP secret of an authenticator app",
		"or run o365aws login in a terminal")
}

// chooseMethod selects the profile's method or the only one, or else prompts.
func chooseMethod(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	var methods []Choice
	for _, c := range snap.Choices {
		if c.Kind == "method" {
			methods = append(methods, c)
		}
	}
	m := &s.methods
	if len(methods) == 0 {
		return action{}, fault.Newf(
			fault.Auth, "Microsoft offers no method of multifactor authentication: %s", snap.where(),
		)
	}
	if methodFailed(snap) && m.chosen.method != "" {
		m.failed = append(m.failed, m.chosen)
		s.Ask.Notice(
			"Microsoft could not start " + methodOf(m.chosen.method).Text + reason(snap.Begun.Result) + ".",
		)
		if !s.Ask.Phone() || len(methods) == 1 && len(m.failed) > 1 {
			return action{}, Explain("500121", snap.Trace)
		}
	}
	i, err := s.pickMethod(ctx, methods)
	if err != nil {
		return action{}, err
	}
	picked := methods[i]
	return clickChoice(picked).then(func() {
		s.shown, m.retry = display{}, chosenMethod{}
		m.chosen = chosenMethod{document: snap.Document, method: picked.Value, label: picked.Label}
	}), nil
}

func reason(result string) string {
	if result == "" {
		return ""
	}
	return " (" + result + ")"
}

func (s *signIn) hasFailed(c Choice) bool {
	for _, f := range s.methods.failed {
		if f.method == c.Value && f.label == c.Label {
			return true
		}
	}
	return false
}

// pickMethod returns the index of the method to use.
func (s *signIn) pickMethod(ctx context.Context, methods []Choice) (int, error) {
	m := &s.methods
	var preferred, usable []int
	for i, c := range methods {
		if m.retry.is(c) {
			return i, nil
		}
		if known := methodOf(c.Value); known.Window || known.Name == "" && !fits(s.preference(), c.Value, c.Label) {
			continue // an unknown method may lead to an external provider
		}
		if m.unwanted.is(c) && len(methods) > 1 {
			continue
		}
		usable = append(usable, i)
		if fits(s.preference(), c.Value, c.Label) && !s.hasFailed(c) {
			preferred = append(preferred, i)
		}
	}
	switch {
	case len(usable) == 0:
		return 0, needsWindow(
			fault.New(fault.Auth, "every method of this account needs a browser window: "+list(methods, ", ")),
		)
	case !s.Ask.Phone() && (s.totp.generator == nil || len(preferred) == 0):
		return 0, s.unattended("the user (" + list(methods, ", or ") + ")")
	case len(preferred) == 1:
		return preferred[0], nil
	case len(usable) == 1:
		return usable[0], nil
	case len(preferred) == 0 && len(m.failed) == 0:
		s.noticeNotOffered()
	}
	return s.Ask.Choose(ctx, "How do you want to verify the sign-in?", named(methods))
}

// noticeNotOffered reports, once, that the account lacks the profile's method.
func (s *signIn) noticeNotOffered() {
	if s.Method != "" && s.Method == s.preference() && !s.methods.notOffered {
		s.methods.notOffered = true
		s.Ask.Notice("o365aws_mfa = " + s.Method + " is not a method of this account.")
	}
}

func list(methods []Choice, between string) string {
	var texts []string
	for _, c := range methods {
		texts = append(texts, methodOf(c.Value).Text)
	}
	return strings.Join(texts, between)
}

func reportDenied(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	return s.offerRetry(ctx, snap, "the sign-in request was denied on the phone", "idA_SAASDS_Resend")
}

func reportTimeout(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	return s.offerRetry(ctx, snap, "the sign-in request was not answered in time", "idA_SAASTO_Resend")
}

// lateApproval returns the error for a request that was not answered in time.
func lateApproval(_ *signIn, _ Snapshot) error {
	return fault.New(
		fault.Auth, "the sign-in request was not answered in time",
		"run the command again when you have your phone at hand",
	)
}
