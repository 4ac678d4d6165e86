// Package login gets AWS credentials for a profile: it signs in to Microsoft Entra,
// chooses a role, calls AWS STS, and stores the result. Every command goes through
// acquire.
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

// Prompter prompts the user for input that a sign-in page needs, and for a role.
type Prompter interface {
	identity.Prompter
	// Role prompts for one of roles, which are in display order.
	Role(ctx context.Context, roles []saml.Role) (saml.Role, error)
	// Window reports whether the user would see a browser window.
	Window() bool
	// Address shows an address to open manually, in full, with instructions. It reports
	// whether the user can see them.
	Address(text, address string) (seen bool)
}

// Env holds the dependencies of a login.
type Env struct {
	Paths       awsconfig.Paths
	Getenv      awsconfig.Env
	Environ     []string // passed to the browser, without secrets
	Prompter    Prompter
	Log         *slog.Logger
	Now         func() time.Time
	Random      io.Reader
	Stores      *keychain.Stores // shared during this run; nil opens a store each time
	TOTPSecret  secret.Text      // zero reads it from the environment or the secret store
	Diagnostics Diagnostics
	Trail       *report.Recorder // nil records nothing
}

// Request describes the requested credentials.
type Request struct {
	Profile     awsconfig.Profile
	Role        string        // ARN, name or pattern; "" selects the profile's role, or prompts
	Force       bool          // sign in even if the cached credentials are still valid
	MinTTL      time.Duration // reuse cached credentials with more time left
	Interactive bool          // may prompt the user and start a browser as a last resort
	Policies    sts.Policies  // session policies; zero uses the profile's
	Chain       sts.Chain     // role to assume with the credentials of Role; zero for none

	Private bool // neither read nor write the cache
	// AnyPolicies accepts cached credentials with any session policies. Commands that
	// only show credentials set it.
	AnyPolicies bool

	Batch *Batch    // of several profiles; nil for one
	began time.Time // zero: now
}

// Result holds the credentials for a request.
type Result struct {
	Cached      bool // from the cache
	Role        saml.Role
	SessionName string
	Policies    string // key of the session policies, as in sts.Policies; "" for none
	awscreds.Credentials
}

// Credentials returns credentials of a profile, for programs and for commands that do not
// write the credentials file. It reuses valid cached credentials. Otherwise one caller at
// a time renews them, from the stored session or, if req.Interactive is set, by prompting
// the user, and the others share the result. If a renewal fails, it returns cached
// credentials that have not expired. If it cannot prompt, the error is of kind NeedsInput
// and names the command to run. Credentials of an explicitly requested role have a
// separate cache slot.
func Credentials(ctx context.Context, env Env, req Request) (Result, error) {
	if req.Chain.RoleARN != "" {
		return acquireChained(ctx, env, req)
	}
	return acquire(ctx, env, req, forProgram)
}

// Run implements the login command: it returns credentials and writes them to the
// credentials file. The exception is a profile with a credential_process: it reads the
// cache, and static keys would take precedence over it. If ctx ends, it returns the error
// of ctx. The browser is always closed and its profile removed.
func Run(ctx context.Context, env Env, req Request) (Result, error) {
	req.Interactive = true
	return acquire(ctx, env, req, forLogin)
}

// Identity returns the stored data about the user of a profile. It may prompt for the
// passphrase of the secret store if there is a terminal.
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
