package entra

import (
	"context"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// What the driver does on the pages that ask who you are.

const (
	submitSelector   = "#" + submitID
	passwordSelector = "#" + passwordID + ", input[name=passwd]:not(.moveOffScreen)"
)

func enterUsername(ctx context.Context, s *signIn, snap Snapshot) error {
	if snap.Shows("usernameError") && !snap.Failed && snap.Begun.Result == "" {
		if err := s.askUsername(ctx, "Microsoft does not know "+s.username); err != nil {
			return err
		}
	}
	if s.username == "" {
		if err := s.askUsername(ctx, ""); err != nil {
			return err
		}
	}
	if err := s.page.Fill(ctx, "#"+usernameID, secret.New(s.username), s.secretHosts()); err != nil {
		return err
	}
	return s.page.Click(ctx, submitSelector, 0)
}

// askUsername asks for another name, because of why. A refused name that
// nobody can replace is a refusal, not a missing input.
func (s *signIn) askUsername(ctx context.Context, why string) error {
	if why != "" {
		s.Ask.Notice(why)
	}
	name, err := s.Ask.Username(ctx)
	if err != nil {
		if why != "" && fault.KindOf(err) == fault.NeedsInput {
			return fault.Wrap(fault.Auth, nil, why, "check azure_default_username")
		}
		return err
	}
	s.username = name
	return nil
}

func enterPassword(ctx context.Context, s *signIn, snap Snapshot) error {
	user := s.username
	if user == "" {
		user = snap.Account
	}
	password, err := s.askPassword(ctx, user, snap)
	if err != nil {
		return err
	}
	if err := s.page.Fill(ctx, passwordSelector, password, s.secretHosts()); err != nil {
		return err
	}
	return s.submit(ctx, submitSelector, &s.passwords)
}

// submit sends what was filled in and counts it. Until then an answer is
// kept: a page that moved away under the typing must not ask a person twice.
func (s *signIn) submit(ctx context.Context, selector string, counter *int) error {
	if err := s.page.Click(ctx, selector, 0); err != nil {
		return err
	}
	s.pending = secret.Text{}
	*counter++
	return nil
}

// askPassword gets the next password to try. No password is tried twice, also
// where the page does not say that it was refused: too many refusals lock the
// account. One that nobody can replace ends as the refusal it is.
func (s *signIn) askPassword(ctx context.Context, user string, snap Snapshot) (secret.Text, error) {
	if !s.pending.IsZero() {
		return s.pending, nil
	}
	again := s.passwords > 0
	if again && wrongPassword(snap) && s.WrongPassword != nil {
		s.WrongPassword(ctx)
	}
	password, err := s.Ask.Password(ctx, user, again)
	if err != nil && again && fault.KindOf(err) == fault.NeedsInput {
		return secret.Text{}, passwordNotTaken(snap)
	}
	s.pending = password
	return password, err
}

// passwordNotTaken says why a password has led back to the page that asks for it.
func passwordNotTaken(snap Snapshot) error {
	switch {
	case snap.ErrorCode != "":
		return Explain(snap.ErrorCode, snap.Trace)
	case wrongPassword(snap):
		return fault.Newf(fault.Auth, "sign-in refused: %s did not take the password", snap.Host).
			Hint("check it, and sign in there once in an ordinary browser: the page says what is wrong")
	}
	return fault.Newf(fault.Auth, "%s asks for the password once more, and does not say why", snap.Host).
		Hint("run the command again; if it stays, sign in once in an ordinary browser").
		Hint("a kept password stays kept, and is not tried twice in one sign-in")
}

func enterFederated(ctx context.Context, s *signIn, snap Snapshot) error {
	password, err := s.askPassword(ctx, s.username, snap)
	if err != nil {
		return err
	}
	user, pass, submit := "#userNameInput", "#passwordInput", "#submitButton"
	if snap.Shows("ContentPlaceHolder1_PasswordTextBox") { // AD FS 2
		user, pass, submit = "#ContentPlaceHolder1_UsernameTextBox", "#ContentPlaceHolder1_PasswordTextBox", "#ContentPlaceHolder1_SubmitButton"
	}
	if err := s.page.Fill(ctx, user, secret.New(s.username), s.secretHosts()); err != nil {
		return err
	}
	if err := s.page.Fill(ctx, pass, password, s.secretHosts()); err != nil {
		return err
	}
	return s.submit(ctx, submit, &s.passwords)
}

// pickAccount takes the profile's account. Without one in the profile a person
// picks; a tile of somebody else is never taken unasked.
func pickAccount(ctx context.Context, s *signIn, snap Snapshot) error {
	var tiles []Choice
	for _, c := range snap.Choices {
		if c.Kind != "account" || c.Value == "otherTile" {
			continue
		}
		if s.username != "" && strings.EqualFold(c.Value, s.username) {
			return s.page.Click(ctx, c.Select, c.Nth)
		}
		tiles = append(tiles, c)
	}
	if s.username == "" && len(tiles) > 0 {
		i, err := s.Ask.Choose(ctx, "Which account?", append(tiles, Choice{Kind: "account", Label: "another account"}))
		if err != nil && fault.KindOf(err) == fault.NeedsInput {
			_, err = s.Ask.Username(ctx) // says which setting names the account
		}
		if err != nil {
			return err
		}
		if i < len(tiles) {
			s.username = tiles[i].Value
			return s.page.Click(ctx, tiles[i].Select, tiles[i].Nth)
		}
	}
	return s.page.Click(ctx, "#otherTile", 0)
}

func chooseWorkAccount(ctx context.Context, s *signIn, _ Snapshot) error {
	return s.page.Click(ctx, "#aadTile", 0)
}

// pickCredential takes the password: the other tiles ring a phone or want a
// device that a headless browser does not have.
func pickCredential(ctx context.Context, s *signIn, snap Snapshot) error {
	for _, value := range []string{"1", "13"} { // a password, a Temporary Access Pass
		for _, c := range snap.Choices {
			if c.Kind == "credential" && c.Value == value {
				return s.page.Click(ctx, c.Select, c.Nth)
			}
		}
	}
	for _, c := range snap.Choices {
		if c.Kind == "credential" && c.Value == "2" && s.Ask.Phone() {
			return s.page.Click(ctx, c.Select, c.Nth)
		}
	}
	return needsPasskey(s, snap)
}

// confirmSend sends a request to the phone, once, when a person may be asked.
func confirmSend(ctx context.Context, s *signIn, snap Snapshot) error {
	if s.Ask.Phone() {
		return s.page.Click(ctx, submitSelector, 0)
	}
	return otherCredential(ctx, s, snap)
}

// otherCredential goes to the password, or to the list of ways to sign in.
func otherCredential(ctx context.Context, s *signIn, snap Snapshot) error {
	for _, id := range []string{"idA_PWD_SwitchToPassword", "idA_PWD_SwitchToCredPicker"} {
		if snap.Shows(id) {
			return s.page.Click(ctx, "#"+id, 0)
		}
	}
	if snap.PageID == pageSignIn && s.Ask.Phone() {
		return needsPasskey(s, snap)
	}
	return s.unattended("an approval on a phone")
}

// leavePasskey waits until the page noticed that this browser has no passkey,
// and goes back.
func leavePasskey(ctx context.Context, s *signIn, snap Snapshot) error {
	for _, id := range []string{"idBtn_Back", "cancelLink"} {
		if snap.Shows(id) {
			return s.page.Click(ctx, "#"+id, 0)
		}
	}
	return nil
}

func needsPasskey(_ *signIn, _ Snapshot) error {
	return byPerson(
		fault.New(
			fault.Auth, "this account signs in with a passkey or security key, which a headless browser cannot use",
		),
	)
}

// answerKeepSignedIn says yes or no to "Stay signed in?". On this page alone
// idBtn_Back means no.
func answerKeepSignedIn(ctx context.Context, s *signIn, _ Snapshot) error {
	if s.Remember {
		return s.page.Click(ctx, submitSelector, 0)
	}
	return s.page.Click(ctx, "#idBtn_Back", 0)
}

// confirmApp continues: it was this program that started the sign-in.
func confirmApp(ctx context.Context, s *signIn, _ Snapshot) error {
	return s.page.Click(ctx, submitSelector, 0)
}

func skipMoreInformation(ctx context.Context, s *signIn, snap Snapshot) error {
	if !snap.Shows("idSubmit_ProofUp_Redirect", "skipMfaRegistrationLink", "moreInfoLink", "cancelLink") {
		return ErrMoved // its view is not there yet
	}
	if snap.Skip != "" || snap.Shows("skipMfaRegistrationLink") {
		s.Ask.Notice("Microsoft wants more security information soon: https://aka.ms/mfasetup (put off for now)")
		if snap.Shows("skipMfaRegistrationLink") {
			return s.page.Click(ctx, "#skipMfaRegistrationLink", 0)
		}
		return s.page.Navigate(ctx, snap.Skip) // the link has no name on some tenants
	}
	code := snap.ErrorCode
	if code == "" {
		code = "50072"
	}
	return byPerson(Explain(code, snap.Trace))
}
