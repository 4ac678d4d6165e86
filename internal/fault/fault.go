// Package fault holds the kinds of failure that a user or a script can tell
// apart, each with its exit code, and errors that carry advice.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind is a class of failure; its number is the exit code.
type Kind int

// The kinds of failure.
const (
	Internal    Kind = 1
	Config      Kind = 2
	NeedsInput  Kind = 3
	Auth        Kind = 4
	Role        Kind = 5
	Browser     Kind = 6
	Page        Kind = 7
	Network     Kind = 8
	Unsatisfied Kind = 9
	Interrupted Kind = 130
)

// Row is one line of the table of exit codes.
type Row struct {
	Kind    Kind
	Name    string // in JSON errors
	Short   string // in the help of a command
	Meaning string // in the help of the program and in documents
}

// Table lists every kind in the order of its exit code.
var Table = []Row{
	{Internal, "internal", "a bug", "a bug in o365aws; please report it"},
	{Config, "config", "usage or configuration", "usage or configuration: an unknown flag, a profile without a tenant"},
	{NeedsInput, "needs_input", "input required", "interactive sign-in or input required, but not available"},
	{Auth, "auth", "sign-in refused", "sign-in refused: password, MFA, Conditional Access"},
	{Role, "role", "role or STS", "role not offered, or refused by AWS STS"},
	{Browser, "browser", "browser", "browser not found or crashed"},
	{Page, "page", "unknown page", "a sign-in page that o365aws does not know"},
	{Network, "network", "network", "DNS, proxy, TLS or connection failure"},
	{Unsatisfied, "unsatisfied", "check failed", "a check failed: no valid credentials, a problem found, differences"},
	{Interrupted, "interrupted", "interrupted", "interrupted by the user"},
}

// String returns the name of the kind in JSON errors.
func (k Kind) String() string {
	for _, row := range Table {
		if row.Kind == k {
			return row.Name
		}
	}
	return fmt.Sprintf("kind(%d)", int(k))
}

// Error is a failure of a known kind with advice. Msg is lower case, without
// a full stop, and contains no secret. Error has no ExitCode method: urfave/cli
// would exit the process before deferred calls ran.
type Error struct {
	Kind  Kind
	Msg   string
	Hints []string // what to do next, one sentence each
	Err   error    // the cause, may be nil
	// Format is what Newf was called with: the message without anything of the
	// user. A report can publish it.
	Format string
}

// ReachAdvice is the hint for a server that cannot be reached.
const ReachAdvice = "check the connection; behind a company proxy, set HTTPS_PROXY and AWS_CA_BUNDLE (or ca_bundle in the profile)"

// Reports is the address for reports of bugs and unknown pages.
const Reports = "https://github.com/o365aws/o365aws/issues"

// New returns a failure of kind with a message and advice.
func New(kind Kind, msg string, hints ...string) *Error {
	return &Error{Kind: kind, Msg: msg, Hints: hints}
}

// Newf returns a failure of kind with a formatted message and no advice.
func Newf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Msg: fmt.Sprintf(format, args...), Format: format}
}

// Wrap returns a failure of kind that is caused by err.
func Wrap(kind Kind, err error, msg string, hints ...string) *Error {
	return &Error{Kind: kind, Msg: msg, Hints: hints, Err: err}
}

// Hint returns a copy of e with one more hint.
func (e *Error) Hint(format string, args ...any) *Error {
	hinted := *e
	hinted.Hints = append(slices.Clone(e.Hints), fmt.Sprintf(format, args...))
	return &hinted
}

// AddHint returns err with one more hint, and with the text and the cause that it
// has. An error without a fault in its chain stays as it is.
func AddHint(err error, format string, args ...any) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	hinted := e.Hint(format, args...)
	hinted.Msg = err.Error()
	if e.Err != nil {
		hinted.Msg = strings.TrimSuffix(hinted.Msg, ": "+e.Err.Error())
	}
	return hinted
}

// Error implements error: the message and its cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Msg
	}
	return e.Msg + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the outermost fault in err's chain, or Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
