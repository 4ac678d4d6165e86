package entra

import (
	"context"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// What the driver does on the pages that want a code or a pass.

const (
	submitCode = "#idSubmit_SAOTCC_Continue"
	codeOfApp  = "Code from the Authenticator app"
)

func enterCode(ctx context.Context, s *signIn, snap Snapshot) error {
	if s.codes == 0 || s.chosen.document != snap.Document {
		if left, err := s.leave(ctx, snap); left || err != nil {
			return err
		}
	}
	if s.seed != nil && !s.spoilt && (s.method(snap) == totpMethod || s.method(snap) == "") {
		return s.enterComputed(ctx, snap)
	}
	description := codeOfApp
	if m := methodOf(s.method(snap)); m.ID != totpMethod {
		description = strings.TrimSpace("Code of the text message " + snap.Detail)
	}
	return s.enterAnswer(ctx, snap, "#"+codeID, submitCode, description)
}

// maxComputed is how many computed codes are tried: one that was used up by
// another sign-in, and one more.
const maxComputed = 3

// enterComputed types the code of the seed. One that was used is worth
// nothing until the next window begins (RFC 6238 section 5.2).
func (s *signIn) enterComputed(ctx context.Context, snap Snapshot) error {
	if s.codes >= maxComputed || slices.Contains(wrongCode, snap.Verdict) {
		return s.leaveSeed(ctx, snap)
	}
	window := s.seed.window(s.Now())
	if window <= s.window {
		if s.told != "window" {
			s.told = "window"
			s.Ask.Notice("The one-time code was used already; waiting for the next one.")
		}
		return errLater
	}
	if err := s.page.Fill(ctx, "#"+codeID, s.seed.code(window), s.Cloud.SecretHosts); err != nil {
		return err
	}
	if err := s.page.Click(ctx, submitCode, 0); err != nil {
		return err
	}
	s.window, s.told = window, ""
	s.codes++
	return nil
}

// leaveSeed goes on without the seed: with the codes of a person, if one is
// there.
func (s *signIn) leaveSeed(ctx context.Context, snap Snapshot) error {
	if slices.Contains(wrongCode, snap.Verdict) && s.WrongSeed != nil {
		s.WrongSeed(ctx, s.window)
	}
	s.spoilt = true
	if s.Ask.Phone() {
		s.Ask.Notice("Microsoft did not take the code computed from the seed.")
	}
	return s.enterAnswer(ctx, snap, "#"+codeID, submitCode, codeOfApp)
}

// codeNotTaken is the error of a code that nobody can replace.
func (s *signIn) codeNotTaken(snap Snapshot) error {
	f := Explain("500121", snap.Trace)
	if s.spoilt {
		f = f.Hint("check O365AWS_TOTP_SECRET, and the clock of this machine").
			Hint("o365aws logout forgets a seed that is kept")
	}
	return f
}

// question is an input of a page: a code asked for there once more was refused.
type question struct {
	document int64
	input    string
}

// enterAnswer asks a person for a code and types it.
func (s *signIn) enterAnswer(ctx context.Context, snap Snapshot, input, submit, description string) error {
	asked := question{snap.Document, input}
	if s.pending.IsZero() {
		again := s.answered == asked || s.codes > 0 && snap.ErrorCode != ""
		code, err := s.Ask.Code(ctx, description, again)
		if err != nil && (again || s.spoilt) && fault.KindOf(err) == fault.NeedsInput {
			return s.codeNotTaken(snap)
		}
		if err != nil {
			return err
		}
		s.pending = code
	}
	if err := s.page.Fill(ctx, input, s.pending, s.Cloud.SecretHosts); err != nil {
		return err
	}
	s.answered = asked
	return s.submit(ctx, submit, &s.codes)
}

func confirmPhone(ctx context.Context, s *signIn, snap Snapshot) error {
	return s.enterAnswer(ctx, snap, "#idTxtBx_SAOTCS_ProofConfirmation, input[name=ProofConfirmation]",
		"#idSubmit_SAOTCS_SendCode", "Last digits of the phone number "+snap.Detail)
}

// enterAccessPass types a Temporary Access Pass, as either factor.
func enterAccessPass(ctx context.Context, s *signIn, snap Snapshot) error {
	if s.pending.IsZero() {
		pass, err := s.Ask.Pass(ctx, s.passes > 0)
		if err != nil && s.passes > 0 && fault.KindOf(err) == fault.NeedsInput {
			return Explain("130503", snap.Trace)
		}
		if err != nil {
			return err
		}
		s.pending = pass
	}
	if err := s.page.Fill(ctx, "input[name=accesspass]:not(.moveOffScreen)", s.pending, s.Cloud.SecretHosts); err != nil {
		return err
	}
	return s.submit(ctx, submitSelector+", "+submitCode, &s.passes)
}
