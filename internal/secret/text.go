// Package secret defines a type for text that must not be shown: passwords, assertions,
// session tokens, cookies. It redacts itself in all formatted output, so that a careless
// %v is harmless.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Text is a string that prints as "[redacted]". The zero value is an empty secret.
type Text struct{ value string }

// New wraps value.
func New(value string) Text { return Text{value} }

// Reveal returns the secret in plain text. Call it only where the secret is sent to its
// recipient.
func (t Text) Reveal() string { return t.value }

// IsZero reports whether the secret is empty.
func (t Text) IsZero() bool { return t.value == "" }

// Len returns the length of the secret in bytes.
func (t Text) Len() int { return len(t.value) }

// String implements fmt.Stringer.
func (t Text) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (t Text) GoString() string { return redacted }

// Format implements fmt.Formatter, so that no verb prints the value.
func (t Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText implements encoding.TextMarshaler.
func (t Text) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON implements json.Marshaler.
func (t Text) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue implements slog.LogValuer.
func (t Text) LogValue() slog.Value { return slog.StringValue(redacted) }
