// Package engine plans, applies, verifies and destroys a list of steps. A Step
// is one thing that must exist; a Runner checks steps and applies those that
// differ from the spec. The package prints nothing and prompts for nothing.
//
// # How a step joins
//
// Each side (AWS, Entra) has a function that returns steps:
//
//	func (t *Tenant) Steps(w *engine.World) ([]engine.Step, error)
//
// and Compose(world, sides...) merges them. A step's ID begins with its side
// ("entra/application", "aws/123456789012/provider"). After names its
// dependencies on either side; IDs that both sides use are constants in ids.go.
// An edge to a side that is not part of the run is dropped, so that each side
// can run alone.
//
// A step stores what it finds out (an object id, an ARN) in the World, in Check
// as well as in Apply: plan runs Check only. A Check that lacks its input
// returns NeedsFirst(id).
package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ID names a step. It never changes: scripts read it in JSON.
type ID string

// Side returns the part of the work that the step belongs to.
func (id ID) Side() string {
	side, _, _ := strings.Cut(string(id), "/")
	return side
}

// Step is one thing that must exist, as data: plan, apply, verify, explain and
// destroy are loops over a list of steps.
type Step struct {
	ID    ID
	Group string // heading of the plan: "tenant", "account 123456789012"
	Title string // what must exist: "role azure.admin"
	Why   string // its purpose in one or two sentences
	After []ID   // its dependencies

	// Permissions are those of Check, Apply and Undo. They explain a refusal and
	// make up the least policy.
	Permissions []Permission

	// Check reads and never writes. It returns an error if the state cannot be
	// known (no network); a refusal is a Finding with status Forbidden.
	Check func(context.Context, *World) (Finding, error)
	// Apply creates or changes what Check found to differ. It must be repeatable
	// after an interruption at any point. nil: the step only checks. An error of
	// NotYet is retried until Settle has passed.
	Apply func(context.Context, *World) error
	// Undo looks up what destroy would delete. nil: nothing.
	Undo func(context.Context, *World) (Undo, error)
	// Obsolete looks up what this setup created and the spec no longer names, in
	// the order of deletion. nil: nothing.
	Obsolete func(context.Context, *World) ([]Undo, error)

	// Manual describes how to do it by hand, one line for each action.
	Manual []string
	// Command is the same on a command line, or "".
	Command string
	// Settle is how long after Apply the Check may still not see it: both clouds
	// are eventually consistent. 0 is DefaultSettle.
	Settle time.Duration
	// Waits is what the step waits for meanwhile: "IAM to show the role".
	Waits string
}

// Permission is a permission that a step needs.
type Permission struct {
	Action   string // "iam:CreateRole", or a Graph scope "Application.ReadWrite.All"
	Resource string // an ARN with wildcards; "" for every one, and for Graph
}

// Undo is what destroy found of a step.
type Undo struct {
	What string                      // "role azure.admin and its policies", or "" for nothing
	Keep string                      // why it stays: "it does not have the tag of this setup"
	Do   func(context.Context) error // deletes it; nil if it stays
	// Group is the heading if it differs from that of the step. Such an Undo is the
	// last to be deleted.
	Group string
	Err   error // why it could not be looked up
}

// Status is the state that Check found.
type Status int

// The kinds of finding.
const (
	Done      Status = iota
	Missing          // it does not exist
	Drifted          // it differs from the spec: Changes
	Unknown          // it cannot be checked before another step: Needs
	Forbidden        // it must not be read or changed: Reason, Permission
)

var statusNames = [...]string{"done", "missing", "drifted", "unknown", "forbidden"}

// String returns the name in JSON.
func (s Status) String() string {
	if s < 0 || int(s) >= len(statusNames) {
		return fmt.Sprintf("status(%d)", int(s))
	}
	return statusNames[s]
}

// MarshalText implements encoding.TextMarshaler.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is the result of Check.
type Finding struct {
	Status     Status
	Changes    []Change // Drifted: what differs; Missing: what will be created
	Needs      ID       // Unknown
	Permission string   // Forbidden: the missing permission, if that is the reason
	Reason     string   // Forbidden, Unknown: one line
	Hints      []string // what to do about it
	Warnings   []string // with any status: "the certificate expires in 12 days"
}

// Change is one attribute that differs from the spec. Its values are for display
// and contain no secrets.
type Change struct {
	Attribute string `json:"attribute"`
	Have      string `json:"have"` // "" if there is none
	Want      string `json:"want"` // "" if it must be removed
}

// IsDone returns the finding of a step with nothing to do.
func IsDone() Finding { return Finding{Status: Done} }

// IsMissing returns the finding of something that does not exist; will is what
// Apply would create.
func IsMissing(will ...Change) Finding { return Finding{Status: Missing, Changes: will} }

// Compared returns a finding that is Done without changes and Drifted with some.
func Compared(changes []Change) Finding {
	if len(changes) == 0 {
		return IsDone()
	}
	return Finding{Status: Drifted, Changes: changes}
}

// NeedsFirst returns the finding of something that cannot be checked before
// another step is done.
func NeedsFirst(id ID, reason string) Finding {
	return Finding{Status: Unknown, Needs: id, Reason: reason}
}

// IsForbidden returns the finding of something that must not be read or changed.
func IsForbidden(permission, reason string, hints ...string) Finding {
	return Finding{Status: Forbidden, Permission: permission, Reason: reason, Hints: hints}
}

// NotYet marks a temporary error of Apply, such as a new object that is not
// replicated yet. waits is what to wait for.
func NotYet(err error, waits string) error { return &notYet{err, waits} }

// WaitsFor returns what an error of NotYet waits for, and its cause.
func WaitsFor(err error) (waits string, ok bool, cause error) {
	var soon *notYet
	if !errors.As(err, &soon) {
		return "", false, err
	}
	return soon.waits, true, soon.err
}

type notYet struct {
	err   error
	waits string
}

// Error implements error.
func (e *notYet) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *notYet) Unwrap() error { return e.err }
