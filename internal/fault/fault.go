// Package fault defines the kinds of failure that users and scripts can distinguish, each
// with an exit code, and errors with hints.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind is a kind of failure. Its number is the exit code.
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

// Row is a row of the table of exit codes.
type Row struct {
	Kind    Kind
	Name    string // name in JSON errors
	Short   string // text in the help of a command
	Meaning string // text in the help of the program and in documents
}

// Table lists every kind in order of its exit code.
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

// Error is a failure with a kind and hints. Msg is in lower case, without a full stop,
// and contains no secret. Error has no ExitCode method, because urfave/cli would exit the
// process before deferred calls run.
type Error struct {
	Kind  Kind
	Msg   string
	Hints []string // what to do next, one sentence each
	Err   error    // the cause; may be nil
	// Format is the format string passed to Newf: the message without user data. It is
	// safe to publish in a report.
	Format string
}

// ReachAdvice is the hint for a server that cannot be reached.
const ReachAdvice = "check the connection; behind a company proxy, set HTTPS_PROXY and AWS_CA_BUNDLE (or ca_bundle in the profile)"

// Reports is the address for reporting bugs and unknown pages.
const Reports = "https://github.com/o365aws/o365aws/issues"

// New returns a failure of the given kind with a message and hints.
func New(kind Kind, msg string, hints ...string) *Error {
	return &Error{Kind: kind, Msg: msg, Hints: hints}
}

// Newf returns a failure of the given kind with a formatted message and no hints.
func Newf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Msg: fmt.Sprintf(format, args...), Format: format}
}

// Wrap returns a failure of the given kind that is caused by err.
func Wrap(kind Kind, err error, msg string, hints ...string) *Error {
	return &Error{Kind: kind, Msg: msg, Hints: hints, Err: err}
}

// Hint returns a copy of e with one more hint.
func (e *Error) Hint(format string, args ...any) *Error {
	hinted := *e
	hinted.Hints = append(slices.Clone(e.Hints), fmt.Sprintf(format, args...))
	return &hinted
}

// AddHint returns err with one more hint. Its text and cause remain the same. An error
// without a fault in its chain is returned unchanged.
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
