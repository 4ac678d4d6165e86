//go:build !linux

package broker

import (
	"context"

	"github.com/o365aws/o365aws/internal/secret"
)

// Broker is a connection to the device's broker. This system has none.
type Broker struct{}

// Open returns an *Error with NoBus.
func Open(context.Context, Options) (*Broker, error) { return nil, &Error{Reason: NoBus} }

// Close does nothing.
func (*Broker) Close() {}

// Accounts returns an *Error with NoBus.
func (*Broker) Accounts(context.Context) ([]Account, error) { return nil, &Error{Reason: NoBus} }

// Credential returns an *Error with NoBus.
func (*Broker) Credential(context.Context, Account, string) (secret.Text, error) {
	return secret.Text{}, &Error{Reason: NoBus}
}

// Version returns an *Error with NoBus.
func (*Broker) Version(context.Context) (string, error) { return "", &Error{Reason: NoBus} }
