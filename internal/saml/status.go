package saml

import (
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/fault"
)

const statusPrefix = "urn:oasis:names:tc:SAML:2.0:status:"

// StatusError is a SAML response with a status other than Success.
type StatusError struct {
	Code    string // number after AADSTS, or ""
	Message string // first line of the message, safe to print
}

// Error implements error.
func (e *StatusError) Error() string { return e.Message }

// codeOf returns the number of the first Entra error code in a message, or "".
// Source: learn.microsoft.com/entra/identity-platform/reference-error-codes
func codeOf(message string) string {
	for {
		_, rest, found := strings.Cut(message, "AADSTS")
		if !found {
			return ""
		}
		end := 0
		for end < len(rest) && end < maxCode && isDigit(rest[end]) {
			end++
		}
		if end >= minCode {
			return rest[:end]
		}
		message = rest
	}
}

// Minimum and maximum length of an error code.
const minCode, maxCode = 3, 9

// checkStatus returns nil for Success, and otherwise an error with Entra's message. A
// refusal of another request is not accepted as a reply.
func checkStatus(root *node, want Expect) error {
	status := root.only(nsProtocol, "Status")
	code := status.only(nsProtocol, "StatusCode")
	if code == nil {
		return refuse("it has no status")
	}
	if code.attr("Value") == statusPrefix+"Success" {
		return nil
	}
	if to := root.attr("InResponseTo"); to != "" && to != want.InResponseTo {
		return refuse("it does not answer this sign-in")
	}
	message := status.only(nsProtocol, "StatusMessage").value()
	line, _, _ := strings.Cut(message, "\n")
	e := &StatusError{Code: codeOf(message), Message: termtext.Printable(trim(line), 300)}
	if e.Message == "" {
		// The nested code, e.g. NoPassive, is more specific than Responder.
		detail := code.only(nsProtocol, "StatusCode")
		if detail == nil {
			detail = code
		}
		e.Message = "no reason given, status " + termtext.Printable(
			strings.TrimPrefix(detail.attr("Value"), statusPrefix), 100,
		)
	}
	return fault.Wrap(fault.Auth, e, "Microsoft refused the sign-in")
}
