package entra

import (
	"context"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// What the driver does on the pages of multifactor authentication.

// showNumber shows the number to tap, again when it changes, and otherwise
// says once that a request waits on the phone.
func showNumber(_ context.Context, s *signIn, snap Snapshot) error {
	number := padNumber(snap.Number)
	if number != "" && number != s.number {
		s.number = number
		s.Ask.Number(number)
	}
	if number == "" && s.number == "" && s.told != "push" {
		s.told = "push"
		s.Ask.Notice("Approve the sign-in request on your phone.")
	}
	return nil
}

// padNumber makes the number two digits, always: the app shows 07, and some
// pages say 7.
func padNumber(number string) string {
	number = strings.TrimSpace(number)
	if len(number) == 1 {
		return "0" + number
	}
	return number
}

func awaitCall(_ context.Context, s *signIn, snap Snapshot) error {
	if s.told != "call" {
		s.told = "call"
		s.Ask.Notice("Answer the phone call and press #. " + snap.Detail)
	}
	return nil
}

func enterCode(ctx context.Context, s *signIn, snap Snapshot) error {
	description := snap.Detail
	if description == "" {
		description = "code from the Authenticator app or text message"
	}
	if s.pending.IsZero() {
		code, err := s.Ask.Code(ctx, description, s.codes > 0)
		if err != nil && s.codes > 0 && fault.KindOf(err) == fault.NeedsInput {
			return Explain("500121", snap.Trace)
		}
		if err != nil {
			return err
		}
		s.pending = code
	}
	if err := s.page.Fill(ctx, "#"+codeID, s.pending, s.Cloud.SecretHosts); err != nil {
		return err
	}
	return s.submit(ctx, "#idSubmit_SAOTCC_Continue", &s.codes)
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
	i, err := s.pickMethod(ctx, methods)
	if err != nil {
		return err
	}
	s.number, s.told = "", ""
	return s.page.Click(ctx, methods[i].Select, methods[i].Nth)
}

func (s *signIn) pickMethod(ctx context.Context, methods []Choice) (int, error) {
	for i, c := range methods {
		if s.Method != "" && strings.EqualFold(c.Value, s.Method) {
			return i, nil
		}
	}
	if len(methods) == 1 {
		return 0, nil
	}
	for i, c := range methods {
		if c.Label == "" {
			methods[i].Label = methodName(c.Value)
		}
	}
	return s.Ask.Choose(ctx, "How do you want to verify the sign-in?", methods)
}

func reportDenied(ctx context.Context, s *signIn, snap Snapshot) error {
	return s.again(ctx, snap, "the sign-in request was denied on the phone", "#idA_SAASDS_Resend")
}

func reportTimeout(ctx context.Context, s *signIn, snap Snapshot) error {
	return s.again(ctx, snap, "nobody answered the sign-in request in time", "#idA_SAASTO_Resend")
}

// again offers a new request to a person; without one the sign-in is over,
// because a request that nobody asked for trains people to approve anything.
func (s *signIn) again(ctx context.Context, snap Snapshot, what, resend string) error {
	refused := fault.New(fault.Auth, what, "run the command again when you are ready to approve it")
	if !snap.Shows(strings.TrimPrefix(resend, "#")) {
		return refused
	}
	yes, err := s.Ask.Confirm(ctx, strings.ToUpper(what[:1])+what[1:]+". Send another one?")
	if err != nil && fault.KindOf(err) != fault.NeedsInput {
		return err
	}
	if err != nil || !yes {
		return refused
	}
	s.number, s.told = "", ""
	return s.page.Click(ctx, resend, 0)
}
