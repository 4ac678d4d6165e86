// Package login turns a profile into AWS credentials: it signs in to Microsoft
// Entra, chooses a role, calls AWS STS, and stores the result. acquire is the
// one path that every command takes.
package login

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/report"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/sts"
)

// Prompter prompts the user for what a sign-in page needs, and for a role.
type Prompter interface {
	identity.Prompter
	// Role prompts for one of roles, which are in display order.
	Role(ctx context.Context, roles []saml.Role) (saml.Role, error)
	// Window reports whether the user would see a browser window.
	Window() bool
	// Address shows an address to open manually, unabridged, with instructions. It
	// reports whether the user can see them.
	Address(text, address string) (seen bool)
}

// Env holds what a login works with.
type Env struct {
	Paths       awsconfig.Paths
	Getenv      awsconfig.Env
	Environ     []string // passed on to the browser, less secrets
	Prompter    Prompter
	Log         *slog.Logger
	Now         func() time.Time
	Random      io.Reader
	Stores      *keychain.Stores // of this run; nil opens a store each time
	TOTPSecret  secret.Text      // zero: from the environment or the secret store
	Diagnostics Diagnostics
	Trail       *report.Recorder // nil records nothing
}

// Request describes the requested credentials.
type Request struct {
	Profile     awsconfig.Profile
	Role        string        // ARN, name or pattern; "" is the profile's role, or the user chooses
	Force       bool          // sign in even if the cached credentials are still valid
	MinTTL      time.Duration // reuse cached credentials with more time left
	Interactive bool          // the user may be asked and a browser may start, if nothing else helps
	Policies    sts.Policies  // narrow the session; zero: as the profile says
	Chain       sts.Chain     // role to assume with the credentials of the role; zero for none

	Private bool // neither use nor fill the cache
	// AnyPolicies accepts cached credentials with any session policies. It is for
	// commands that show credentials and do not use them.
	AnyPolicies bool

	Batch *Batch    // of several profiles; nil for one
	began time.Time // zero: now
}

// Result is the credentials of a request.
type Result struct {
	Cached      bool // they come from the cache
	Role        saml.Role
	SessionName string
	Policies    string // the key of the session policies, as in sts.Policies; "" for none
	awscreds.Credentials
}

// Credentials returns credentials of a profile for programs and for commands
// that do not write the credentials file. Valid credentials come from the cache.
// Otherwise one caller at a time renews them, from the stored session or, if
// req.Interactive is set, by prompting the user, and the others share the result.
// While a renewal fails, it returns credentials that have not expired. Without a
// user to ask, the error is of kind NeedsInput and names the command to run. The
// credentials of a requested role have a cache slot of their own.
func Credentials(ctx context.Context, env Env, req Request) (Result, error) {
	if req.Chain.RoleARN != "" {
		return acquireChained(ctx, env, req)
	}
	return acquire(ctx, env, req, forProgram)
}

// Run runs the login command: it returns credentials and writes the credentials
// file, except for a profile with a credential_process, which static keys would
// shadow and which finds the credentials in the cache. If ctx ends, the error is
// that of ctx. The browser is always ended and its profile removed.
func Run(ctx context.Context, env Env, req Request) (Result, error) {
	req.Interactive = true
	return acquire(ctx, env, req, forLogin)
}

// Identity returns what is stored about the user of a profile. The user is asked
// to unlock the secret store if there is a terminal.
func (e Env) Identity(p awsconfig.Profile) identity.Identity {
	access := identity.Unattended
	if e.Prompter.Window() {
		access = identity.Attended
	}
	return e.identities().Of(p, access)
}

func (e Env) identities() identity.Env {
	return identity.Env{
		Paths: e.Paths, Getenv: e.Getenv, Environ: e.Environ, Prompter: e.Prompter, Log: e.Log, Now: e.Now,
		Stores: e.Stores,
	}
}
