package entra

import (
	"context"

	"github.com/o365aws/o365aws/internal/secret"
)

// Prompter asks the user. Without a user to ask, each question returns a fault
// of kind NeedsInput that names the setting or flag that would have answered
// it.
type Prompter interface {
	// Username asks for the e-mail address to sign in with.
	Username(ctx context.Context) (string, error)
	// Password prompts for the password of user; again is true if the last one was rejected.
	Password(ctx context.Context, user string, again bool) (secret.Text, error)
	// Code prompts for a one-time code; description says where it comes from.
	Code(ctx context.Context, description string, again bool) (secret.Text, error)
	// Pass asks for a Temporary Access Pass, which replaces a password.
	Pass(ctx context.Context, again bool) (secret.Text, error)
	// Choose asks for one of choices and returns its index.
	Choose(ctx context.Context, title string, choices []Choice) (int, error)
	// Confirm asks a yes-or-no question.
	Confirm(ctx context.Context, question string) (bool, error)
	// Phone reports whether the user may be asked to approve a request on their
	// phone, which is false for a non-interactive sign-in.
	Phone() bool
	// Number shows the two-digit number to tap into the Authenticator app.
	Number(number string)
	// Key watches for a key until stop is called. The channel is nil if the user
	// cannot press one. No other question may be asked meanwhile.
	Key(ctx context.Context, key byte) (pressed <-chan struct{}, stop func())
	// Notice shows a message that the user must act on or know.
	Notice(text string)
}
