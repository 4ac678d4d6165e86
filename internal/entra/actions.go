package entra

import (
	"cmp"
	"context"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

const (
	submitSelector   = "#" + submitID
	passwordSelector = "#" + passwordID + ", input[name=passwd]:not(.moveOffScreen)"
)

func enterUsername(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	if snap.Shows("usernameError") && !snap.Failed && snap.Begun.Result == "" {
		s.refused = s.username
		if err := s.askUsername(ctx, "Microsoft does not know "+s.username); err != nil {
			return action{}, err
		}
	}
	if s.username == "" {
		if err := s.askUsername(ctx, ""); err != nil {
			return action{}, err
		}
	}
	a := click(submitSelector)
	a.fills = []fill{{"#" + usernameID, secret.New(s.username), s.secretHosts()}}
	return a, nil
}

// maxNames is the maximum number of prompts for a user name.
const maxNames = 3

// askUsername prompts for another name and shows why. The page does not look up the last
// rejected name again, so it is not typed again. If the user cannot be prompted, the
// error is the rejection rather than missing input.
func (s *signIn) askUsername(ctx context.Context, why string) error {
	for range maxNames {
		if why != "" {
			s.Ask.Notice(why)
		}
		name, err := s.Ask.Username(ctx)
		if err != nil && why != "" && fault.KindOf(err) == fault.NeedsInput {
			break
		}
		if err != nil {
			return err
		}
		if s.refused == "" || !strings.EqualFold(strings.TrimSpace(name), s.refused) {
			s.username = name
			return nil
		}
	}
	return fault.Wrap(fault.Auth, nil, why, "check azure_default_username")
}

func enterPassword(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	user := s.username
	if user == "" {
		user = snap.Account
	}
	password, err := s.askPassword(ctx, user, snap)
	if err != nil {
		return action{}, err
	}
	a := s.submit(submitSelector, &s.typed.passwords)
	a.fills = []fill{{passwordSelector, password, s.secretHosts()}}
	return a, nil
}

// submit returns the click that submits the input. The answer is retained until then, so
// that a page that is replaced does not prompt twice.
func (s *signIn) submit(selector string, counter *int) action {
	return click(selector).then(func() {
		s.typed.unsent = secret.Text{}
		*counter++
	})
}

// askPassword returns the next password to try. It never tries a password twice, even if
// the page does not report a rejection, because too many rejections lock the account. If
// there is no other password, it returns the rejection.
func (s *signIn) askPassword(ctx context.Context, user string, snap Snapshot) (secret.Text, error) {
	if !s.typed.unsent.IsZero() {
		return s.typed.unsent, nil
	}
	again := s.typed.passwords > 0
	if again && wrongPassword(snap) && s.PasswordRejected != nil {
		s.PasswordRejected(ctx)
	}
	password, err := s.Ask.Password(ctx, user, again)
	if err != nil && again && fault.KindOf(err) == fault.NeedsInput {
		return secret.Text{}, passwordRejected(snap)
	}
	s.typed.unsent = password
	return password, err
}

// passwordRejected returns the reason why a password led back to the password page.
func passwordRejected(snap Snapshot) error {
	switch {
	case snap.ErrorCode != "":
		return Explain(snap.ErrorCode, snap.Trace)
	case wrongPassword(snap):
		return fault.Newf(fault.Auth, "sign-in refused: %s rejected the password", snap.Host).
			Hint("check it, and sign in there once in an ordinary browser: the page says what is wrong")
	}
	return fault.Newf(fault.Auth, "%s asks for the password again without giving a reason", snap.Host).
		Hint("run the command again; if it happens again, sign in once in an ordinary browser").
		Hint("the stored password was not deleted; it is not tried twice in one sign-in")
}

func enterFederated(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	password, err := s.askPassword(ctx, s.username, snap)
	if err != nil {
		return action{}, err
	}
	user, pass, submit := "#userNameInput", "#passwordInput", "#submitButton"
	if snap.Shows("ContentPlaceHolder1_PasswordTextBox") { // AD FS 2
		user, pass = "#ContentPlaceHolder1_UsernameTextBox", "#ContentPlaceHolder1_PasswordTextBox"
		submit = "#ContentPlaceHolder1_SubmitButton"
	}
	a := s.submit(submit, &s.typed.passwords)
	a.fills = []fill{{user, secret.New(s.username), s.secretHosts()}, {pass, password, s.secretHosts()}}
	return a, nil
}

// pickAccount selects the profile's account. If the profile names none, the user chooses;
// another user's tile is never selected without a prompt.
func pickAccount(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	var tiles []Choice
	for _, c := range snap.Choices {
		if c.Kind != "account" || c.Value == "otherTile" {
			continue
		}
		if s.username != "" && strings.EqualFold(c.Value, s.username) {
			return clickChoice(c), nil
		}
		tiles = append(tiles, c)
	}
	if s.username == "" && len(tiles) > 0 {
		i, err := s.Ask.Choose(ctx, "Which account?", append(tiles, Choice{Kind: "account", Label: "another account"}))
		if err != nil && fault.KindOf(err) == fault.NeedsInput {
			_, err = s.Ask.Username(ctx) // the error names the setting
		}
		if err != nil {
			return action{}, err
		}
		if i < len(tiles) {
			s.username = tiles[i].Value
			return clickChoice(tiles[i]), nil
		}
	}
	return clickID("otherTile"), nil
}

func chooseWorkAccount(_ context.Context, s *signIn, _ Snapshot) (action, error) {
	return clickID("aadTile"), nil
}

// Values of the tiles in the list of sign-in options.
const (
	tilePassword    = "1"
	tilePhone       = "2"
	tilePass        = "13"
	tileCertificate = "15"
)

// pickCredential selects the option that the profile names, or else the password: other
// tiles notify a phone or require a device that a headless browser lacks.
func pickCredential(_ context.Context, s *signIn, snap Snapshot) (action, error) {
	order := []string{tilePassword, tilePass}
	if s.Ask.Phone() {
		order = append(order, tilePhone)
		if s.Method != "" && fits(s.Method, "PhoneAppNotification", "") {
			order = []string{tilePhone, tilePassword, tilePass}
		}
	}
	if fits(s.Method, "AccessPass", "") {
		order = append([]string{tilePass}, order...)
	}
	certificate := false
	for _, value := range order {
		for _, c := range snap.Choices {
			if c.Kind == "credential" && c.Value == value {
				return clickChoice(c), nil
			}
			certificate = certificate || c.Value == tileCertificate
		}
	}
	if certificate {
		return action{}, needsWindow(fault.New(
			fault.Auth, "this account signs in with a certificate, which a headless browser does not have",
		))
	}
	return action{}, needsPasskey(s, snap)
}

// confirmSend sends a request to the phone, once, if the user may be prompted.
func confirmSend(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	if s.Ask.Phone() {
		return click(submitSelector), nil
	}
	return otherCredential(ctx, s, snap)
}

// otherCredential opens the password view or the list of sign-in options.
func otherCredential(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	for _, id := range []string{switchToPasswordID, switchToPickerID} {
		if snap.Shows(id) {
			return clickID(id), nil
		}
	}
	if snap.PageID == pageSignIn && s.Ask.Phone() {
		return action{}, needsPasskey(s, snap)
	}
	return action{}, s.unattended("an approval on a phone")
}

// leavePasskey waits until the page has detected that this browser has no passkey, and
// goes back.
func leavePasskey(ctx context.Context, s *signIn, snap Snapshot) (action, error) {
	for _, id := range []string{"idBtn_Back", "cancelLink"} {
		if snap.Shows(id) {
			return clickID(id), nil
		}
	}
	return action{}, nil
}

func needsPasskey(_ *signIn, _ Snapshot) error {
	return needsWindow(
		fault.New(
			fault.Auth, "this account signs in with a passkey or security key, which a headless browser cannot use",
		),
	)
}

// answerKeepSignedIn answers "Stay signed in?". Only on this page does idBtn_Back mean
// no.
func answerKeepSignedIn(_ context.Context, s *signIn, _ Snapshot) (action, error) {
	if s.Remember {
		return click(submitSelector), nil
	}
	return clickID("idBtn_Back"), nil
}

// confirmApp continues, because this program started the sign-in.
func confirmApp(_ context.Context, s *signIn, _ Snapshot) (action, error) {
	return click(submitSelector), nil
}

// skipLink selects the link that skips a registration.
const skipLink = `#skipMfaRegistrationLink, a[data-bind*="SkipMfaRegistration" i]`

// skipMoreInformation skips a page that asks for security information, if possible. It
// never registers any.
func skipMoreInformation(_ context.Context, s *signIn, snap Snapshot) (action, error) {
	if snap.PageID == pageProofUp &&
		!snap.Shows("idSubmit_ProofUp_Redirect", skipLinkID, "moreInfoLink", "cancelLink") {
		return action{}, nil // its view has not appeared yet
	}
	var a action
	switch {
	case snap.Shows(skipLinkID, "link:skip"):
		a = click(skipLink)
	case snap.Skip != "":
		a = action{address: snap.Skip} // the link has no ID in some tenants
	case snap.Shows("link:landing"):
		return click(submitSelector), nil
	default:
		code := cmp.Or(snap.ErrorCode, "50072")
		return action{}, needsWindow(Explain(code, snap.Trace).Hint(registerHint))
	}
	return a.then(func() {
		s.noticeOnce("Microsoft asks for more security information; skipped for now. " +
			"To register: https://aka.ms/mfasetup")
	}), nil
}
