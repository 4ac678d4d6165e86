package login

import (
	"context"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// nonInteractive is a Prompter that refuses every prompt and shows nothing.
type nonInteractive struct{}

var errNonInteractive = fault.New(fault.NeedsInput, "the user cannot be asked")

func (nonInteractive) Username(context.Context) (string, error) { return "", errNonInteractive }

func (nonInteractive) Password(context.Context, string, bool) (secret.Text, error) {
	return secret.Text{}, errNonInteractive
}

func (nonInteractive) HasPassword() bool { return false }

func (nonInteractive) Passphrase(context.Context, bool) (secret.Text, error) {
	return secret.Text{}, nil // the store returns an error with a hint
}

func (nonInteractive) Code(context.Context, string, bool) (secret.Text, error) {
	return secret.Text{}, errNonInteractive
}

func (nonInteractive) Pass(context.Context, bool) (secret.Text, error) {
	return secret.Text{}, errNonInteractive
}

func (nonInteractive) Choose(context.Context, string, []entra.Choice) (int, error) {
	return 0, errNonInteractive
}

func (nonInteractive) Confirm(context.Context, string) (bool, error) { return false, errNonInteractive }

func (nonInteractive) Role(context.Context, []saml.Role) (saml.Role, error) {
	return saml.Role{}, errNonInteractive
}

func (nonInteractive) Key(context.Context, byte) (<-chan struct{}, func()) { return nil, func() {} }

func (nonInteractive) Number(string)               {}
func (nonInteractive) Notice(string)               {}
func (nonInteractive) Address(string, string) bool { return false }
func (nonInteractive) Window() bool                { return false }
func (nonInteractive) Phone() bool                 { return false }
