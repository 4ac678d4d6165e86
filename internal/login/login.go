// Package login is the path of one login: from a profile to credentials, kept
// in the cache and in the credentials file. It decides; the packages below do.
package login

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// Prompter is the person: what a sign-in page may need, and the choice of a role.
type Prompter interface {
	entra.Prompter
	// Role asks for one of roles, which come in the order to show.
	Role(ctx context.Context, roles []saml.Role) (saml.Role, error)
	// Window reports whether a browser window may open: somebody sees it.
	Window() bool
	// Address shows an address to open by hand, whole, with what to do. It
	// reports whether anybody can see that.
	Address(text, address string) (seen bool)
}

// Deps are the outside world.
type Deps struct {
	Paths   awsconfig.Paths
	Env     awsconfig.Env
	Environ []string // passed on to the browser, less secrets
	Ask     Prompter
	Log     *slog.Logger
	Now     func() time.Time
	Random  io.Reader
	Stores  *keychain.Stores // of this run; nil opens one each time
	Seed    secret.Text      // of an authenticator app, to compute its codes; "" asks for them
	// Diagnostics says where to gather what a sign-in in a browser met.
	Diagnostics Diagnostics

	visit *visit // of the browser; nil begins with nothing and leaves nothing
}

// Request says what to log in to.
type Request struct {
	Profile     awsconfig.Profile
	Role        string        // ARN, name or pattern; "" takes the profile's, or asks
	Force       bool          // sign in even when there are fresh credentials
	MinTTL      time.Duration // credentials with more time left are fresh
	Interactive bool          // a person may be asked and a browser may start, when nothing else helps
}

// Result says what came out.
type Result struct {
	Kept        bool // there were fresh credentials already
	Role        saml.Role
	SessionName string
	Expires     time.Time
	Credentials awscreds.Credentials
}

// clockSkew is how far this machine's clock may be off.
const clockSkew = 5 * time.Minute

// Run is the login of a person: it gets credentials and writes the
// credentials file, but for a profile with a credential_process, which static
// keys would shadow and which finds them in the cache. Errors are faults;
// when ctx ends, its own error comes back. Whatever happens, the browser is
// ended and its profile removed.
func Run(ctx context.Context, d Deps, req Request) (Result, error) {
	req.Interactive = true
	w, err := d.wanted(req, own)
	if err != nil {
		return Result{}, err
	}
	w.explicit = true
	if err := d.fileTakes(w); err != nil {
		return Result{}, err
	}
	result, err := d.get(ctx, w)
	if err != nil || w.Profile.CredentialProcess != "" {
		return result, err
	}
	return d.writeFile(ctx, w, result)
}

// fileTakes looks whether the credentials file can be changed, before a person
// signs in for what could not be written.
func (d Deps) fileTakes(w wanted) error {
	if _, ok := d.fresh(w); ok && !w.Force || w.Profile.CredentialProcess != "" {
		return nil
	}
	return awsconfig.CanWriteCredentials(d.Paths, w.Profile.Name)
}

// writeFile puts credentials into the credentials file, unless they are what
// it holds already.
func (d Deps) writeFile(ctx context.Context, w wanted, r Result) (Result, error) {
	held, err := awsconfig.ReadCredentials(d.Paths, w.Profile.Name)
	if err != nil {
		return Result{}, err
	}
	c := r.Credentials
	if held.AccessKeyID == c.AccessKeyID && held.Expires.Equal(c.Expires.Truncate(time.Millisecond)) {
		return r, nil
	}
	r.Kept = false
	return r, awsconfig.WriteCredentials(
		ctx, d.Paths, w.Profile.Name, c,
	)
}
