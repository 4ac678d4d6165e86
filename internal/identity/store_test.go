package identity

import (
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// Typing the passphrase of the secret store file is not subject to the time limit of a
// keychain, and the user is prompted only in interactive calls.
func TestPassphraseHasNoDeadline(t *testing.T) {
	now := at
	env, user := envAt(t, &now), &typist{}
	env.Prompter = user
	p := awsconfig.Profile{Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example", Store: "file"}
	for _, access := range []Access{Unattended, Attended} {
		err := env.Of(p, access).SavePassword(t.Context(), secret.New("x"))
		if fault.KindOf(err) != fault.NeedsInput {
			t.Errorf("access %d: got %v, want kind %v", access, err, fault.NeedsInput)
		}
		if user.passphrases != int(access) || user.hasDeadline {
			t.Errorf("access %d: asked %d times, deadline %v", access, user.passphrases, user.hasDeadline)
		}
	}
}
