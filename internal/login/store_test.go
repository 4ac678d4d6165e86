package login

import (
	"context"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// thinker is asked for a passphrase, and gives none in the end.
type thinker struct {
	nobody
	hurried bool
	asked   int
}

func (a *thinker) Passphrase(ctx context.Context, _ bool) (secret.Text, error) {
	_, a.hurried = ctx.Deadline()
	a.asked++
	return secret.Text{}, nil
}

// Who is asked for the passphrase of the files of secrets may take longer than
// a keychain may to answer, and is asked only where somebody is to be.
func TestPassphraseTakesItsTime(t *testing.T) {
	who := &thinker{}
	d := Deps{Ask: who, Env: func(string) string { return "" }, Paths: awsconfig.Paths{Home: t.TempDir()}}
	p := awsconfig.Profile{Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example", Store: "file"}
	for i, interactive := range []bool{false, true} {
		err := d.setSecret(t.Context(), passwordSecret, p, interactive, secret.New("x"))
		if fault.KindOf(err) != fault.NeedsInput || who.asked != i || who.hurried {
			t.Errorf("interactive %v: %v, asked %d times, in a hurry: %v", interactive, err, who.asked, who.hurried)
		}
	}
}
