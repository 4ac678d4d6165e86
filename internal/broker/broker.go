// Package broker gets the accounts that are signed in to the device, and the header by
// which Microsoft identifies the device and the account, from the device's Microsoft
// identity broker. The broker holds the primary refresh token; this package never sees
// it, and stores nothing.
//
// On Linux the broker is a service on the session bus: Microsoft's own, or Himmelblau's.
// On other systems, unsigned programs cannot call the broker.
package broker

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/termtext"
)

// Time limits of a call. Himmelblau may open a dialog, which only an interactive call
// leaves time to answer.
const (
	NonInteractiveLimit = 5 * time.Second
	InteractiveLimit    = time.Minute
)

// Options configures the connection.
type Options struct {
	Getenv func(string) string
	Limit  time.Duration // of a call in which the broker may prompt; others have at most NonInteractiveLimit
	Log    *slog.Logger
}

// Account is an account that is signed in to the device.
type Account struct {
	Username string // user principal name
	TenantID string // GUID in lower case
	raw      json.RawMessage
}

// State holds what the broker reports without a sign-in.
type State struct {
	Version       string // of Microsoft's broker; "" for Himmelblau
	Accounts      []Account
	KeyringLocked bool // Microsoft's broker cannot sign in: the login keyring is locked or missing
}

// Reason is the reason why the broker cannot sign in the user.
type Reason int

// Reasons, in the order in which they can occur.
const (
	NoBus         Reason = iota // there is no session bus
	NotInstalled                // the bus knows no broker
	ForeignOwner                // another Unix user owns the broker's name
	Unresponsive                // it did not start, did not reply, or exited
	Refused                     // it replied with an error
	KeyringLocked               // it refused, and the login keyring is locked or missing
	Malformed                   // its reply is invalid
	NoAccount                   // no account is signed in to the device
	OtherAccount                // no signed-in account matches the profile
)

// Error reports the reason why the broker returned nothing.
type Error struct {
	Reason Reason
	Detail string // safe to print; "" adds nothing
}

var reasons = map[Reason]string{
	NoBus:         "there is no session bus, so no identity broker",
	NotInstalled:  "no identity broker is installed on this device",
	ForeignOwner:  "another user's program answers under the name of the device's identity broker",
	Unresponsive:  "the device's identity broker does not respond",
	Refused:       "the device's identity broker refused the request",
	KeyringLocked: "the device's identity broker refused the request, and the login keyring is locked or missing",
	Malformed:     "the device's identity broker sent an invalid reply",
	NoAccount:     "no account is signed in to this device",
	OtherAccount:  "this device is not signed in with the right account",
}

// Error implements error.
func (e *Error) Error() string {
	if e.Detail == "" {
		return reasons[e.Reason]
	}
	return reasons[e.Reason] + ": " + e.Detail
}

// Choose returns the account with the given user name, ignoring case. If username is
// empty, it returns the only account of the tenant.
func Choose(accounts []Account, username, tenantID string) (Account, error) {
	if len(accounts) == 0 {
		return Account{}, &Error{Reason: NoAccount}
	}
	var found, names []string
	var chosen Account
	for _, a := range accounts {
		names = append(names, a.Username)
		if username != "" && strings.EqualFold(a.Username, username) ||
			username == "" && tenantID != "" && strings.EqualFold(a.TenantID, tenantID) {
			found, chosen = append(found, a.Username), a
		}
	}
	detail := ""
	switch {
	case len(found) == 1:
		return chosen, nil
	case len(found) > 1:
		detail = fmt.Sprintf("several accounts match: %s", listed(found))
	case username != "":
		detail = fmt.Sprintf("it is signed in as %s, not as %s", listed(names), termtext.Printable(username, 100))
	default:
		detail = fmt.Sprintf("%s is not in the profile's tenant", listed(names))
	}
	return Account{}, &Error{Reason: OtherAccount, Detail: detail}
}

func listed(names []string) string { return termtext.Printable(strings.Join(names, ", "), 200) }
