package prompt

import (
	"context"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// Passphrase prompts for the passphrase of the secret store, once per run. A new one is
// entered twice, because a typing mistake would make the store unreadable.
func (t *Terminal) Passphrase(ctx context.Context, create bool) (secret.Text, error) {
	if !t.present() {
		return secret.Text{}, noInput("the passphrase of the secret store", "set O365AWS_STORE_PASSPHRASE")
	}
	if !t.passphrase.IsZero() {
		return t.passphrase, nil
	}
	var err error
	if create {
		t.passphrase, err = t.newPassphrase(ctx)
	} else {
		t.passphrase, err = t.hidden(ctx, "Passphrase for the secret store: ")
	}
	return t.passphrase, err
}

func (t *Terminal) newPassphrase(ctx context.Context) (secret.Text, error) {
	for range badAnswers {
		passphrase, err := t.hidden(ctx, "New passphrase for the secret store: ")
		if err != nil {
			return secret.Text{}, err
		}
		again, err := t.hidden(ctx, "Repeat passphrase: ")
		switch {
		case err != nil:
			return secret.Text{}, err
		case passphrase == again && !passphrase.IsZero():
			return passphrase, nil
		case passphrase.IsZero():
			t.Notice("Passphrase must not be empty.")
		default:
			t.Notice("Passphrases do not match.")
		}
	}
	return secret.Text{}, fault.New(
		fault.Config, "no passphrase was set", "to store no secrets, set o365aws_store = none",
	)
}
