package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/subprocess"
	"github.com/o365aws/o365aws/internal/termtext"
)

// commandLimit is the time that the user has to unlock a password manager.
const commandLimit = 2 * time.Minute

// fromCommand returns the secret printed by the command of a setting. If the command
// fails, it tells the user and returns an empty secret, so that the sign-in prompts.
func (i Identity) fromCommand(ctx context.Context, setting, command string) secret.Text {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	text, err := subprocess.Output(ctx, command, i.Environ)
	if err != nil {
		i.Prompter.Notice(termtext.Printable(fmt.Sprintf("%s failed: %v.", setting, err), 400))
	}
	return text
}
