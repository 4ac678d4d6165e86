package entra

import (
	"context"
	"errors"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// What the driver does on the pages of multifactor authentication.

// errLater says that it is not yet time to act: the driver looks again, and
// the page does not count as stuck meanwhile.
var errLater = errors.New("not yet")

// preference is the method to use: the profile's, else codes when there is a
// seed for them. Where nobody may be asked there is no other method than they.
func (s *signIn) preference() string {
	if s.seed != nil && (s.Method == "" || !s.Ask.Phone()) {
		return totpMethod
	}
	return s.Method
}

// method is the one that the page is about, "" when nobody said.
func (s *signIn) method(snap Snapshot) string {
	if s.chosen.document == snap.Document && s.chosen.method != "" {
		return s.chosen.method
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

// choice is a method taken from the list of a page.
type choice struct {
	document int64
	method   string
	label    string
}

// leave goes to the list of methods when the page began another method than
// the preferred one. It does so once per page.
func (s *signIn) leave(ctx context.Context, snap Snapshot) (bool, error) {
	want, current := s.preference(), s.method(snap)
	if want == "" || s.left == snap.Document || s.chosen.document == snap.Document {
		return false, nil
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
			return false, nil // the page began it already
		}
	}
	switch {
	case offered && snap.View == "": // the way to the list is not shown yet
		return true, nil
	case !offered && len(snap.Proofs) > 0:
		s.notOffered()
		return false, nil
	case !offered, !snap.Shows(anotherWayID):
		return false, nil
	}
	if err := s.page.Click(ctx, "#"+anotherWayID, 0); err != nil {
		return false, err
	}
	s.left = snap.Document
	return true, nil
}

// awaitPush shows the number to tap, again when it changes, and otherwise
// says once that a request waits on the phone.
func awaitPush(ctx context.Context, s *signIn, snap Snapshot) error {
	if s.left == snap.Document && s.chosen.document != snap.Document {
		return nil // on the way to the list
	}
	if left, err := s.leave(ctx, snap); left || err != nil {
		return err
	}
	if !s.Ask.Phone() {
		return s.unattended("an approval on a phone")
	}
	where := "on your phone"
	if s.method(snap) == "CompanionAppsNotification" {
		where = "in Outlook on your phone"
	}
	s.showNumber(snap, "Approve the sign-in request "+where+".")
	return nil
}

// awaitPhone is the same for a sign-in by phone without a password.
func awaitPhone(ctx context.Context, s *signIn, snap Snapshot) error {
	if s.Ask.Phone() {
		s.showNumber(snap, "Approve the sign-in request on your phone.")
		return nil
	}
	if s.told == "left the phone" {
		return nil
	}
	s.told = "left the phone"
	return otherCredential(ctx, s, snap)
}

// showNumber takes the number that the page shows, or the one in the answer
// that began the request: a page whose elements were renamed hides neither.
func (s *signIn) showNumber(snap Snapshot, notice string) {
	number := padNumber(snap.Number)
	if number == "" {
		number = padNumber(snap.Begun.Number)
	}
	if number != "" && number != s.number {
		s.number = number
		s.Ask.Number(number)
	}
	if number == "" && s.number == "" && s.told != notice {
		s.told = notice
		s.Ask.Notice(notice)
	}
}

// padNumber makes the number two digits, always: the app shows 07, and some
// pages say 7. What is no number is none.
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

func awaitCall(ctx context.Context, s *signIn, snap Snapshot) error {
	if s.left == snap.Document && s.chosen.document != snap.Document {
		return nil
	}
	if left, err := s.leave(ctx, snap); left || err != nil {
		return err
	}
	if !s.Ask.Phone() {
		return s.unattended("a phone call")
	}
	if s.told != "call" {
		s.told = "call"
		s.Ask.Notice(strings.TrimSpace("Answer the phone call and press #. " + snap.Detail))
	}
	return nil
}

// unattended ends a sign-in that needs a person who may not be asked.
func (s *signIn) unattended(what string) error {
	return fault.New(fault.NeedsInput, "the sign-in waits for "+what+", and nobody may be asked",
		"for unattended use, set O365AWS_TOTP_SECRET to the seed of an authenticator app",
		"or run o365aws login in a terminal")
}

// chooseMethod takes the profile's method, the only one, or asks.
func chooseMethod(ctx context.Context, s *signIn, snap Snapshot) error {
	var methods []Choice
	for _, c := range snap.Choices {
		if c.Kind == "method" {
			methods = append(methods, c)
		}
	}
	if len(methods) == 0 {
		return fault.Newf(fault.Auth, "Microsoft offers no method of multifactor authentication: %s", snap.where())
	}
	if methodFailed(snap) && s.chosen.method != "" {
		s.failed = append(s.failed, s.chosen)
		s.Ask.Notice(
			"Microsoft could not begin with " + methodOf(s.chosen.method).Text + reason(snap.Begun.Result) + ".",
		)
		if !s.Ask.Phone() || len(methods) == 1 && len(s.failed) > 1 {
			return Explain("500121", snap.Trace)
		}
	}
	i, err := s.pickMethod(ctx, methods)
	if err != nil {
		return err
	}
	s.number, s.told, s.redo = "", "", choice{}
	if err := s.page.Click(ctx, methods[i].Select, methods[i].Nth); err != nil {
		return err
	}
	s.chosen = choice{document: snap.Document, method: methods[i].Value, label: methods[i].Label}
	return nil
}

func reason(result string) string {
	if result == "" {
		return ""
	}
	return " (" + result + ")"
}

func (s *signIn) hasFailed(c Choice) bool {
	for _, f := range s.failed {
		if f.method == c.Value && f.label == c.Label {
			return true
		}
	}
	return false
}

// pickMethod returns the index of the method to use.
func (s *signIn) pickMethod(ctx context.Context, methods []Choice) (int, error) {
	var preferred, usable []int
	for i, c := range methods {
		if s.redo.method == c.Value && (s.redo.label == "" || s.redo.label == c.Label) {
			return i, nil
		}
		if methodOf(c.Value).Window {
			continue
		}
		usable = append(usable, i)
		if fits(s.preference(), c.Value, c.Label) && !s.hasFailed(c) {
			preferred = append(preferred, i)
		}
	}
	switch {
	case len(usable) == 0:
		return 0, byPerson(
			fault.New(fault.Auth, "this account has no method of multifactor authentication but "+list(methods, ", ")),
		)
	case !s.Ask.Phone() && (s.seed == nil || len(preferred) == 0):
		return 0, s.unattended("a person (" + list(methods, ", or ") + ")")
	case len(preferred) == 1:
		return preferred[0], nil
	case len(usable) == 1:
		return usable[0], nil
	case len(preferred) == 0 && len(s.failed) == 0:
		s.notOffered()
	}
	return s.Ask.Choose(ctx, "How do you want to verify the sign-in?", named(methods))
}

// notOffered says, once, that the profile's method is not the account's; of
// another preference there is nothing to say.
func (s *signIn) notOffered() {
	if s.Method != "" && s.Method == s.preference() && !s.lacks {
		s.lacks = true
		s.Ask.Notice("o365aws_mfa = " + s.Method + " is none of the methods of this account.")
	}
}

func list(methods []Choice, between string) string {
	var texts []string
	for _, c := range methods {
		texts = append(texts, methodOf(c.Value).Text)
	}
	return strings.Join(texts, between)
}

func reportDenied(ctx context.Context, s *signIn, snap Snapshot) error {
	return s.again(ctx, snap, "the sign-in request was denied on the phone", "idA_SAASDS_Resend")
}

func reportTimeout(ctx context.Context, s *signIn, snap Snapshot) error {
	return s.again(ctx, snap, "nobody answered the sign-in request in time", "idA_SAASTO_Resend")
}

// again offers a person a new request, or another method. Without a person
// the sign-in is over: a request that nobody asked for trains people to
// approve anything.
func (s *signIn) again(ctx context.Context, snap Snapshot, what, resend string) error {
	refused := fault.New(fault.Auth, what, "run the command again when you are ready to approve it")
	canResend, canLeave := snap.Shows(resend), snap.Shows(anotherWayID)
	if !canResend && !canLeave {
		return refused
	}
	yes, err := s.Ask.Confirm(ctx, strings.ToUpper(what[:1])+what[1:]+". Send another one?")
	if err == nil && !yes && canLeave {
		if yes, err = s.Ask.Confirm(ctx, "Use another method?"); yes {
			canResend = false
		}
	} else if yes && !canResend {
		s.redo = choice{method: s.method(snap), label: s.chosen.label}
	}
	switch {
	case err != nil && fault.KindOf(err) != fault.NeedsInput:
		return err
	case err != nil || !yes:
		return refused
	}
	s.number, s.told = "", ""
	if canResend {
		return s.page.Click(ctx, "#"+resend, 0)
	}
	s.left, s.Method = snap.Document, "" // the preferred method did not work
	return s.page.Click(ctx, "#"+anotherWayID, 0)
}

// lateApproval ends the wait for a phone that nobody took.
func lateApproval(_ *signIn, _ Snapshot) error {
	return fault.New(
		fault.Auth, "nobody answered the sign-in request in time",
		"run the command again when you have your phone at hand",
	)
}
