package saml

import (
	"regexp"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/fault"
)

const statusPrefix = "urn:oasis:names:tc:SAML:2.0:status:"

// StatusError is a refusal that came as a SAML response.
type StatusError struct {
	Code    string // the number behind AADSTS, "" when there is none
	Message string // first line, safe to print
}

// Error implements error.
func (e *StatusError) Error() string { return e.Message }

// aadsts matches a code of Entra's.
// Source: learn.microsoft.com/entra/identity-platform/reference-error-codes
var aadsts = regexp.MustCompile(`AADSTS([0-9]{3,9})`)

// checkStatus returns nil for Success, and otherwise what Entra says about
// it. A refusal of somebody else's request is no answer to ours.
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
	e := &StatusError{Message: termtext.Printable(trim(line), 300)}
	if m := aadsts.FindStringSubmatch(message); m != nil {
		e.Code = m[1]
	}
	if e.Message == "" {
		// NoPassive and the like say more than Responder does.
		detail := code.only(nsProtocol, "StatusCode")
		if detail == nil {
			detail = code
		}
		e.Message = "no reason given but " + termtext.Printable(
			strings.TrimPrefix(detail.attr("Value"), statusPrefix), 100,
		)
	}
	return fault.Wrap(fault.Auth, e, "Microsoft refused the sign-in")
}
