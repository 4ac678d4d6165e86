package entra

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// Actions on pages that ask for a code or a pass.

const (
	submitCode = "#idSubmit_SAOTCC_Continue"
	codeOfApp  = "Code from the Authenticator app"
)

func enterCode(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	if s.typed.codes == 0 || s.methods.chosen.document != snap.Document {
		if a, leave := s.leaveMethod(snap); leave {
			return a, nil
		}
	}
	method := s.method(snap)
	if s.totp.usable() && (method == totpMethod || method == "") {
		return s.enterComputed(ctx, snap)
	}
	description := codeOfApp
	if method != "" && method != totpMethod {
		description = cmp.Or(strings.TrimSpace(snap.Detail), "Enter the code from the text message.")
	}
	return s.enterAnswer(ctx, snap, "#"+codeID, submitCode, description)
}

// totpState tracks the use of the profile's TOTP secret.
type totpState struct {
	generator *totp // nil without a secret
	window    int64 // of the last submitted code
	rejected  bool  // its codes were rejected
}

func (t *totpState) usable() bool { return t.generator != nil && !t.rejected }

// maxComputed is the maximum number of computed codes to try, including one that another
// sign-in has already used.
const maxComputed = 3

// enterComputed types the code computed from the TOTP secret. After a used one, it waits
// for the next time window (RFC 6238 section 5.2).
func (s *signIn) enterComputed(ctx context.Context, snap Snapshot) (action, error) {
	if s.typed.codes >= maxComputed || slices.Contains(wrongCode, snap.Verdict) {
		return s.rejectTOTP(ctx, snap)
	}
	window := s.totp.generator.window(s.Now())
	if window <= s.totp.window {
		s.noticeOnce("The one-time code was used already; waiting for the next one.")
		return action{postpone: true}, nil
	}
	a := click(submitCode).then(func() {
		s.totp.window, s.shown.notice = window, ""
		s.typed.codes++
	})
	a.fills = []fill{{"#" + codeID, s.totp.generator.code(window), s.Cloud.SecretHosts}}
	a.ticks = s.rememberMFA(snap)
	return a, nil
}

// rejectTOTP continues without the TOTP secret: it prompts for codes, if possible.
func (s *signIn) rejectTOTP(ctx context.Context, snap Snapshot) (action, error) {
	if slices.Contains(wrongCode, snap.Verdict) && s.CodeRejected != nil {
		s.CodeRejected(ctx, s.totp.window)
	}
	s.totp.rejected = true
	if s.Ask.Phone() {
		s.Ask.Notice("Microsoft rejected the code computed from the TOTP secret.")
	}
	return s.enterAnswer(ctx, snap, "#"+codeID, submitCode, codeOfApp)
}

// codeRejected returns the error for a code that cannot be replaced.
func (s *signIn) codeRejected(snap Snapshot) error {
	f := Explain("500121", snap.Trace)
	if s.totp.rejected {
		f = f.Hint("check O365AWS_TOTP_SECRET, and the clock of this machine").
			Hint("o365aws logout deletes a stored TOTP secret")
	}
	return f
}

// enterAnswer prompts for a code and types it.
func (s *signIn) enterAnswer(
	ctx context.Context, snap Snapshot, input, submit, description string,
) (action, error) {
	asked := question{snap.Document, input}
	if s.typed.unsent.IsZero() {
		again := s.typed.question == asked || s.typed.codes > 0 && snap.ErrorCode != ""
		code, err := s.Ask.Code(ctx, description, again)
		if err != nil && (again || s.totp.rejected) && fault.KindOf(err) == fault.NeedsInput {
			return action{}, s.codeRejected(snap)
		}
		if err != nil {
			return action{}, err
		}
		s.typed.unsent = code
	}
	a := s.submit(submit, &s.typed.codes)
	a.fills = []fill{{input, s.typed.unsent, s.Cloud.SecretHosts}}
	a.ticks = s.rememberMFA(snap)
	sent := a.done
	return a.then(func() { s.typed.question = asked; sent() }), nil
}

// rememberMFA returns the selector of the checkbox "Don't ask again for N days" if the
// page shows it and the profile stays signed in.
func (s *signIn) rememberMFA(snap Snapshot) string {
	for _, id := range []string{"idChkBx_SAOTCC_TD", "idChkBx_SAOTCC_TileRememberMFA", "idChkBx_SAOTCAS_TD"} {
		if s.Remember && snap.Shows(id) && !snap.Shows("checked:"+id) {
			return "#" + id + ":not(:checked)"
		}
	}
	return ""
}

func confirmPhone(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	return s.enterAnswer(ctx, snap, phoneDigits,
		"#idSubmit_SAOTCS_SendCode, #idSIButton9", "Last digits of the phone number "+snap.Detail)
}

// enterOneTimeCode types a code that Microsoft has sent as the first factor.
func enterOneTimeCode(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	return s.enterAnswer(ctx, snap, "#"+oneTimeCodeID, submitSelector, "Code that Microsoft sent to you")
}

const phoneDigits = "#idTxtBx_SAOTCS_ProofConfirmation, input[name=ProofConfirmation], " +
	"#idTxtBx_SAOTCS_PhoneNumber, input[name=PhoneNumber]"

// enterAccessPass types a Temporary Access Pass as the first or second factor.
func enterAccessPass(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	if s.typed.unsent.IsZero() {
		again := s.typed.passes > 0
		pass, err := s.Ask.Pass(ctx, again)
		if err != nil && again && fault.KindOf(err) == fault.NeedsInput {
			return action{}, Explain("130503", snap.Trace)
		}
		if err != nil {
			return action{}, err
		}
		s.typed.unsent = pass
	}
	a := s.submit(submitSelector+", "+submitCode, &s.typed.passes)
	a.fills = []fill{{"input[name=accesspass]:not(.moveOffScreen)", s.typed.unsent, s.Cloud.SecretHosts}}
	return a, nil
}
