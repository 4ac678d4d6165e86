package entra

import (
	"context"
	"fmt"
	"slices"
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
	if snap.Shows("usernameError") && !snap.Failed {
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

// askPassword gets the next password to try. A password that was refused and
// that nobody can replace ends as the refusal it is.
func (s *signIn) askPassword(ctx context.Context, user string, snap Snapshot) (secret.Text, error) {
	if !s.pending.IsZero() {
		return s.pending, nil
	}
	again := s.passwords > 0
	password, err := s.Ask.Password(ctx, user, again)
	if err != nil && again && fault.KindOf(err) == fault.NeedsInput {
		code := snap.ErrorCode
		if code == "" {
			code = "50126"
		}
		return secret.Text{}, Explain(code, snap.Trace)
	}
	s.pending = password
	return password, err
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

func pickAccount(ctx context.Context, s *signIn, snap Snapshot) error {
	for _, c := range snap.Choices {
		if c.Kind == "account" && strings.EqualFold(c.Value, s.username) && s.username != "" {
			return s.page.Click(ctx, c.Select, c.Nth)
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
	i := slices.IndexFunc(snap.Choices, func(c Choice) bool { return c.Kind == "credential" && c.Value == "1" })
	if i < 0 {
		return fault.New(fault.Auth, "this account cannot sign in with a password", "the tenant offers only methods that need a person's own browser")
	}
	return s.page.Click(ctx, snap.Choices[i].Select, snap.Choices[i].Nth)
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
	if snap.Shows("skipMfaRegistrationLink") {
		s.Ask.Notice("Microsoft wants more security information soon: https://aka.ms/mfasetup (put off for now)")
		return s.page.Click(ctx, "#skipMfaRegistrationLink", 0)
	}
	code := snap.ErrorCode
	if code == "" {
		code = "50072"
	}
	return Explain(code, snap.Trace)
}

// methodNames names the methods of multifactor authentication for people.
var methodNames = map[string]string{
	"PhoneAppNotification":       "approve a request in the Authenticator app",
	"CompanionAppsNotification":  "approve a request in Outlook mobile",
	"PhoneAppOTP":                "a code from the Authenticator app",
	"OneWaySMS":                  "a text message",
	"ConsolidatedTelephony":      "a text message",
	"TwoWayVoiceMobile":          "a phone call",
	"TwoWayVoiceAlternateMobile": "a phone call to the other phone",
	"TwoWayVoiceOffice":          "a call to the office phone",
	"FidoKey":                    "a passkey or security key",
	"AccessPass":                 "a Temporary Access Pass",
	"Certificate":                "a certificate",
}

func methodName(id string) string {
	if name, ok := methodNames[id]; ok {
		return name
	}
	return fmt.Sprintf("%q", id)
}
