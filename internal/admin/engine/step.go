// Package engine plans, applies, verifies and destroys a list of steps. A Step
// is one thing that must exist; a Runner checks steps and applies those that
// differ from the spec. The package prints nothing and prompts for nothing.
//
// # How a step joins
//
// A side of the work (AWS, Entra) is a function that returns steps:
//
//	func (t *Tenant) Steps(w *engine.World) ([]engine.Step, error)
//
// and Compose(world, sides...) makes one list of them. A step's ID begins with
// its side ("entra/application", "aws/123456789012/provider"). It names the
// steps that must be done before it in After, of its own or of the other side;
// IDs that both sides need are constants in ids.go. An edge to a side that
// takes no part in the run is left out, so that each side runs alone.
//
// What a step finds out (an object id, an ARN) it stores in the World, in
// Check as well as in Apply: Check may be all that runs. A Check whose input
// is unknown returns NeedsFirst(id).
package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ID names a step, for ever: scripts read it in JSON.
type ID string

// Side returns the part of the work that the step belongs to.
func (id ID) Side() string {
	side, _, _ := strings.Cut(string(id), "/")
	return side
}

// Step is one thing that has to exist, as data: plan, apply, verify, explain
// and destroy are loops over a list of steps.
type Step struct {
	ID    ID
	Group string // heading of the plan: "tenant", "account 123456789012"
	Title string // what there shall be: "role azure.admin"
	Why   string // one or two sentences: what it is good for
	After []ID   // what must be done before

	// Permissions are all that Check, Apply and Undo may need. A refusal is
	// explained from them, and the least policy is made of them.
	Permissions []Permission

	// Check looks and writes nothing. An error is for what cannot be known (no
	// network); a refusal is Finding Forbidden.
	Check func(context.Context, *World) (Finding, error)
	// Apply brings about what Check misses. It must bear to be run again after
	// an interruption at any point. nil: a step that only looks. An error made
	// by NotYet is tried again until Settle has passed.
	Apply func(context.Context, *World) error
	// Undo looks for what destroy would take away. nil: nothing.
	Undo func(context.Context, *World) (Undo, error)

	// Manual says how to do it by hand, one line a click or command.
	Manual []string
	// Command is the same on a command line; "" when there is none.
	Command string
	// Settle is how long after Apply the Check may still miss it: both clouds
	// are eventually consistent. 0 is DefaultSettle.
	Settle time.Duration
	// Waits says what is waited for then, for people: "IAM to know the provider".
	Waits string
}

// Permission is a right that a step needs.
type Permission struct {
	Action   string // "iam:CreateRole", or a Graph scope "Application.ReadWrite.All"
	Resource string // an ARN with wildcards; "" for every one, and for Graph
}

// Undo is what destroy found of a step.
type Undo struct {
	What string                      // "role azure.admin and its policies"; "" when there is nothing
	Keep string                      // why it stays although it is there: "it does not carry our tag"
	Do   func(context.Context) error // takes it away
}

// Status is what Check saw.
type Status int

// The kinds of finding.
const (
	Done      Status = iota
	Missing          // it is not there
	Drifted          // it is there and differs: Changes
	Unknown          // it cannot be looked at before another step: Needs
	Forbidden        // we may not look, or the thing is not ours to change: Reason, Permission
)

var statusNames = [...]string{"done", "missing", "drifted", "unknown", "forbidden"}

// String returns the name that JSON carries.
func (s Status) String() string {
	if s < 0 || int(s) >= len(statusNames) {
		return fmt.Sprintf("status(%d)", int(s))
	}
	return statusNames[s]
}

// MarshalText implements encoding.TextMarshaler.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is what Check saw.
type Finding struct {
	Status     Status
	Changes    []Change // Drifted: each attribute; Missing: what will be made, for the plan
	Needs      ID       // Unknown
	Permission string   // Forbidden: the right that is missing, when that is the reason
	Reason     string   // Forbidden, Unknown: one line
	Hints      []string // what to do about it
	Warnings   []string // true whatever the status: "the certificate ends in 12 days"
}

// Change is one attribute that is not as it should be. Values are for people
// and hold no secret.
type Change struct {
	Attribute string `json:"attribute"`
	Have      string `json:"have"` // "" when there is none
	Want      string `json:"want"` // "" when it shall go
}

// IsDone is the finding of a step with nothing to do.
func IsDone() Finding { return Finding{Status: Done} }

// IsMissing is the finding of something that is not there; will says what
// Apply would make of it.
func IsMissing(will ...Change) Finding { return Finding{Status: Missing, Changes: will} }

// Compared is Done without changes and Drifted with some.
func Compared(changes []Change) Finding {
	if len(changes) == 0 {
		return IsDone()
	}
	return Finding{Status: Drifted, Changes: changes}
}

// NeedsFirst is the finding of something that cannot be looked at before
// another step is done.
func NeedsFirst(id ID, reason string) Finding {
	return Finding{Status: Unknown, Needs: id, Reason: reason}
}

// IsForbidden is the finding of something that we may not see or change.
func IsForbidden(permission, reason string, hints ...string) Finding {
	return Finding{Status: Forbidden, Permission: permission, Reason: reason, Hints: hints}
}

// NotYet marks an error of Apply that goes by itself: something made a moment
// ago is not known everywhere. waits says what is waited for.
func NotYet(err error, waits string) error { return &notYet{err, waits} }

// WaitsFor returns what an error made by NotYet waits for, and its cause.
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
