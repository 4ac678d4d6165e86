package entra

import (
	"context"

	"github.com/o365aws/o365aws/internal/secret"
)

// Prompter prompts the user. In a non-interactive sign-in, each prompt returns a fault of
// kind NeedsInput that names the setting or flag to use instead.
type Prompter interface {
	// Username prompts for the e-mail address to sign in with.
	Username(ctx context.Context) (string, error)
	// Password prompts for the password of user; again is true if the last one was rejected.
	Password(ctx context.Context, user string, again bool) (secret.Text, error)
	// Code prompts for a one-time code. description says where it comes from.
	Code(ctx context.Context, description string, again bool) (secret.Text, error)
	// Pass prompts for a Temporary Access Pass, which replaces a password.
	Pass(ctx context.Context, again bool) (secret.Text, error)
	// Choose prompts for one of choices and returns its index.
	Choose(ctx context.Context, title string, choices []Choice) (int, error)
	// Confirm asks a yes/no question.
	Confirm(ctx context.Context, question string) (bool, error)
	// Phone reports whether the user may be asked to approve a request on their phone. It
	// is false in a non-interactive sign-in.
	Phone() bool
	// Number shows the two-digit number to enter in the Authenticator app.
	Number(number string)
	// Key watches for a key until stop is called. The channel is nil if the user cannot
	// press one. No other prompt may be shown in the meantime.
	Key(ctx context.Context, key byte) (pressed <-chan struct{}, stop func())
	// Notice shows a message that the user should know or act on.
	Notice(text string)
}
