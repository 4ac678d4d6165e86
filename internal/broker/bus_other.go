//go:build !linux

package broker

import (
	"context"

	"github.com/o365aws/o365aws/internal/secret"
)

// Broker is a connection to the device's broker. This system has none.
type Broker struct{}

var errUnsupported = &Error{Reason: NotInstalled, Detail: "o365aws supports identity brokers on Linux only"}

// Open returns an *Error with NotInstalled.
func Open(context.Context, Options) (*Broker, error) { return nil, errUnsupported }

// Inspect returns an *Error with NotInstalled.
func Inspect(context.Context, Options) (State, error) { return State{}, errUnsupported }

// Close does nothing.
func (*Broker) Close() {}

// Accounts returns an *Error with NotInstalled.
func (*Broker) Accounts(context.Context) ([]Account, error) { return nil, errUnsupported }

// Credential returns an *Error with NotInstalled.
func (*Broker) Credential(context.Context, Account, string) (secret.Text, error) {
	return secret.Text{}, errUnsupported
}
