package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// Error is an error response of Graph.
type Error struct {
	Status        int
	Code, Message string
	RequestID     string
	Need          Need // permissions of the call
}

// Error implements error. The message is that of the service; secretly removes it if it
// may contain secrets.
func (e *Error) Error() string {
	text := fmt.Sprintf("%d %s", e.Status, e.Code)
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// Need holds the permissions that a call needs.
type Need struct {
	Delegated   string // scope of a user's token
	Application string // permission of a service principal's token
	Role        string // directory role of the user; "" if the scope is enough
}

func (n Need) String() string {
	text := n.Delegated
	if n.Application != "" && n.Application != n.Delegated {
		text += " (a service principal needs " + n.Application + ")"
	}
	return text
}

// refused returns the fault of an error response.
func refused(k call, response *http.Response, body []byte) error {
	e := parseError(response.StatusCode, body)
	if e.RequestID == "" {
		e.RequestID = response.Header.Get("request-id")
	}
	return explain(k, e)
}

func parseError(status int, body []byte) *Error {
	var document struct {
		Error struct {
			Code, Message string
			InnerError    struct {
				RequestID string `json:"request-id"`
			} `json:"innerError"`
		} `json:"error"`
	}
	e := &Error{Status: status}
	if json.Unmarshal(body, &document) == nil {
		e.Code, e.Message = document.Error.Code, document.Error.Message
		e.RequestID = document.Error.InnerError.RequestID
	}
	if e.Code == "" {
		e.Code = http.StatusText(status)
	}
	return e
}

// explain returns the fault of an *Error, with its hints.
func explain(k call, e *Error) error {
	e.Need = k.need
	switch {
	case e.Status == http.StatusUnauthorized:
		return fault.Wrap(fault.Auth, e, k.what+": Microsoft Graph does not accept this sign-in", "sign in again")
	case e.Status == http.StatusForbidden:
		f := fault.Wrap(fault.Unsatisfied, e, k.what+": not permitted")
		if k.need.Delegated != "" {
			f = f.Hint("the sign-in needs the Microsoft Graph permission %s, consented to by an admin", k.need)
		}
		if k.need.Role != "" {
			f = f.Hint("the user needs the directory role %s", k.need.Role)
		}
		return f
	case e.Status == http.StatusTooManyRequests:
		return fault.Wrap(
			fault.Network, e, k.what+": Microsoft Graph is throttling",
			"run the command again in some minutes: it continues where it stopped",
		)
	case e.Status >= http.StatusInternalServerError:
		return fault.Wrap(
			fault.Network, e, k.what+": Microsoft Graph failed",
			"run the command again: it continues where it stopped",
		)
	}
	return fault.Wrap(fault.Unsatisfied, e, k.what+": Microsoft Graph refused the request")
}

func decode(k call, body []byte) error {
	if err := json.Unmarshal(body, k.out); err != nil {
		return fault.Wrap(fault.Network, err, k.what+": invalid answer from Microsoft Graph",
			"check whether a proxy answers instead of Microsoft Graph")
	}
	return nil
}

// AsError returns the *Error in err, or nil.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// IsNotFound reports whether the object does not exist or is not replicated yet.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsForbidden reports whether a permission is missing.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

// IsTaken reports whether another application has the identifier.
func IsTaken(err error) bool {
	e := AsError(err)
	return e != nil && e.Status == http.StatusBadRequest &&
		strings.Contains(e.Message, "same value for property identifierUris")
}

// IsMismatch reports whether the inherited roles of a principal differ from those
// of its application.
func IsMismatch(err error) bool {
	e := AsError(err)
	return e != nil && strings.Contains(e.Message, "does not match the application object")
}

// IsThere reports whether an assignment exists already, in either wording of the
// service.
func IsThere(err error) bool {
	e := AsError(err)
	return e != nil &&
		(strings.Contains(
			e.Message, "already exists on the object",
		) || strings.Contains(e.Message, "EntitlementGrant entry already exists"))
}

// isReferred reports whether a reference exists already.
func isReferred(err error) bool {
	e := AsError(err)
	return e != nil && e.Status == http.StatusBadRequest &&
		strings.Contains(e.Message, "added object references already exist")
}

// IsNotReplicated reports whether err may be temporary because the directory has
// not replicated a new object yet.
func IsNotReplicated(err error) bool {
	e := AsError(err)
	if e == nil {
		return false
	}
	return e.Status == http.StatusNotFound || e.Status == http.StatusConflict ||
		e.Status == http.StatusBadRequest && (strings.Contains(e.Message, "Not a valid reference update") ||
			strings.Contains(e.Message, identifierPolicy))
}

// identifierPolicy is part of the message with which the tenant's policy refuses a
// foreign identifier URI. The policy exempts applications in SAML mode, but a
// replica may not have the mode yet.
// Source: learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions
const identifierPolicy = "aka.ms/identifier-uri-"

// IsUncertain reports whether a creation that failed with err may have succeeded: no
// response, a server error, or the 404 that the gallery may return although it created
// the application.
func IsUncertain(err error) bool {
	e := AsError(err)
	if e == nil {
		return fault.KindOf(err) == fault.Network
	}
	return e.Status == http.StatusNotFound || e.Status >= http.StatusInternalServerError
}

func hasStatus(err error, status int) bool {
	e := AsError(err)
	return e != nil && e.Status == status
}
