package login

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
)

// confirmer is a Prompter whose user confirms or declines, or that cannot prompt.
type confirmer struct {
	nonInteractive
	yes bool
	err error
}

func (c confirmer) Confirm(context.Context, string) (bool, error) { return c.yes, c.err }

// The signed-in user matches the profile by either name, ignoring case, or the user
// confirms another one.
func TestCheckUser(t *testing.T) {
	gone := errors.New("the terminal went away")
	const ada = "ada@contoso.example"
	eve := saml.Response{Subject: "eve@contoso.example"}
	for name, c := range map[string]struct {
		user     string
		response saml.Response
		prompter confirmer
		want     string // part of the error; "" accepts
		kind     fault.Kind
	}{
		"profile without a user": {"", eve, confirmer{}, "", 0},
		"subject": {
			ada, saml.Response{Subject: "Ada@Contoso.example", SessionName: "x"}, confirmer{}, "", 0,
		},
		"session name": {
			ada, saml.Response{Subject: "x", SessionName: "ADA@contoso.example"}, confirmer{}, "", 0,
		},
		"another user": {
			ada, saml.Response{Subject: "x", SessionName: "eve@contoso.example"}, confirmer{}, "signed in eve@contoso.example", fault.Auth,
		},
		"longer name": {
			ada, saml.Response{Subject: "xada@contoso.example"}, confirmer{}, "signed in xada@contoso.example", fault.Auth,
		},
		"another user confirmed": {ada, eve, confirmer{yes: true}, "", 0},
		"cannot be asked": {
			ada, eve, confirmer{yes: true, err: errNonInteractive}, "signed in eve@contoso.example", fault.Auth,
		},
		"prompt fails": {ada, eve, confirmer{yes: true, err: gone}, gone.Error(), fault.Internal},
		"name with control characters": {
			ada, saml.Response{SessionName: "a\u202eb"}, confirmer{}, "signed in a<U+202E>b", fault.Auth,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := awsconfig.Profile{Username: c.user}
			err := checkUser(t.Context(), c.prompter, p, c.response)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && fault.KindOf(err) != c.kind {
				t.Errorf("kind: got %v, want %v", fault.KindOf(err), c.kind)
			}
			if got, want := isUser(p, c.response), c.want == "" && !c.prompter.yes; got != want {
				t.Errorf("the session is stored: got %v, want %v", got, want)
			}
		})
	}
}
