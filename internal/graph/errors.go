package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

// Error is a refusal of Graph.
type Error struct {
	Status        int
	Code, Message string
	RequestID     string
	Need          Need // what the call must be allowed to do
}

// Error implements error. The message is the service's and holds no secret
// of ours: calls that carry one never have it repeated (see secretly).
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

// Need is what a call must be allowed to do.
type Need struct {
	Delegated   string // scope of a person's token
	Application string // application permission of a program's token
	Role        string // directory role of the person; "" when the scope is enough
}

func (n Need) String() string {
	text := n.Delegated
	if n.Application != "" && n.Application != n.Delegated {
		text += " (a program needs " + n.Application + ")"
	}
	return text
}

// refused turns an answer into a fault.
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
		e.Code, e.Message, e.RequestID = document.Error.Code, document.Error.Message, document.Error.InnerError.RequestID
	}
	if e.Code == "" {
		e.Code = http.StatusText(status)
	}
	return e
}

// explain gives an *Error its kind and advice.
func explain(k call, e *Error) error {
	e.Need = k.need
	switch {
	case e.Status == http.StatusUnauthorized:
		return fault.Wrap(fault.Auth, e, k.what+": Microsoft does not take this sign-in", "sign in again")
	case e.Status == http.StatusForbidden:
		f := fault.Wrap(fault.Unsatisfied, e, k.what+": not permitted")
		if k.need.Delegated != "" {
			f = f.Hint("the sign-in needs the Microsoft Graph permission %s, consented to by an admin", k.need)
		}
		if k.need.Role != "" {
			f = f.Hint("the person needs the directory role %s", k.need.Role)
		}
		return f
	case e.Status == http.StatusTooManyRequests:
		return fault.Wrap(
			fault.Network, e, k.what+": Microsoft Graph is throttling",
			"run the command again in some minutes: it continues where it stopped",
		)
	case e.Status >= http.StatusInternalServerError:
		return fault.Wrap(
			fault.Network, e, k.what+": Microsoft Graph has trouble",
			"run the command again: it continues where it stopped",
		)
	}
	return fault.Wrap(fault.Unsatisfied, e, k.what+": Microsoft Graph refuses")
}

func decode(k call, body []byte) error {
	if err := json.Unmarshal(body, k.out); err != nil {
		return fault.Wrap(fault.Network, err, k.what+": the answer is not what Microsoft describes",
			"a proxy may have answered in Microsoft's place")
	}
	return nil
}

// AsError returns the refusal inside err, or nil.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// IsNotFound reports whether Graph knows no such object, or not yet.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsForbidden reports whether Graph refuses for want of a permission.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

// IsTaken reports whether another object has a value that must be unique.
func IsTaken(err error) bool {
	e := AsError(err)
	return e != nil && e.Status == http.StatusBadRequest &&
		strings.Contains(e.Message, "same value for property identifierUris")
}

// IsMismatch reports whether the roles that a principal inherits differ from
// those of its application.
func IsMismatch(err error) bool {
	e := AsError(err)
	return e != nil && strings.Contains(e.Message, "does not match the application object")
}

// IsThere reports whether err says that an assignment exists already, in
// either of the two wordings that the service has.
func IsThere(err error) bool {
	e := AsError(err)
	return e != nil &&
		(strings.Contains(e.Message, "already exists on the object") || strings.Contains(e.Message, "EntitlementGrant entry already exists"))
}

// isReferred reports whether err says that a reference exists already.
func isReferred(err error) bool {
	e := AsError(err)
	return e != nil && e.Status == http.StatusBadRequest &&
		strings.Contains(e.Message, "added object references already exist")
}

// IsTooFresh reports whether err is one of those that an object shows in its
// first seconds, while the directory copies it: look again, then try again.
func IsTooFresh(err error) bool {
	e := AsError(err)
	if e == nil {
		return false
	}
	return e.Status == http.StatusNotFound || e.Status == http.StatusConflict ||
		e.Status == http.StatusBadRequest && (strings.Contains(e.Message, "Not a valid reference update") ||
			strings.Contains(e.Message, identifierPolicy))
}

// identifierPolicy is in the refusal of a foreign identifier URI by the tenant's
// policy, which exempts applications in SAML mode. A copy of the directory that
// does not know the mode yet refuses all the same.
// Source: learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions
const identifierPolicy = "aka.ms/identifier-uri-"

// IsUncertain reports whether a creation that failed with err may have
// happened all the same: no answer, an answer of trouble, or the 404 that
// the gallery gives although it made the application.
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
