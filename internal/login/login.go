// Package login is the path of one login: from a profile to credentials in
// the credentials file. It decides; the packages below do.
package login

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/assume"
	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
)

// Asker is the person: what a sign-in page may need, and the choice of a role.
type Asker interface {
	entra.Asker
	// Role asks for one of roles, which come in the order to show.
	Role(ctx context.Context, roles []saml.Role) (saml.Role, error)
	// Window reports whether a browser window may open: somebody sees it.
	Window() bool
	// Address shows an address to open by hand, whole, with what to do.
	Address(text, address string)
}

// Deps are the outside world.
type Deps struct {
	Paths   awsconfig.Paths
	Env     awsconfig.Env
	Environ []string // passed on to the browser, less secrets
	Ask     Asker
	Log     *slog.Logger
	Now     func() time.Time
	Random  io.Reader
}

// Request says what to log in to.
type Request struct {
	Profile awsconfig.Profile
	Role    string        // ARN, name or pattern; "" takes the profile's, or asks
	Force   bool          // sign in even when there are fresh credentials
	MinTTL  time.Duration // credentials with more time left are fresh
}

// Result says what came out.
type Result struct {
	Kept        bool // there were fresh credentials already; the rest but Expires is empty
	Role        saml.Role
	SessionName string
	Expires     time.Time
	Credentials assume.Credentials
}

// clockSkew is how far this machine's clock may be off.
const clockSkew = 5 * time.Minute

// Run signs in and writes the credentials file. Errors are faults; when ctx
// ends, its own error comes back. Whatever happens, the browser is ended and
// its profile removed.
func Run(ctx context.Context, d Deps, req Request) (Result, error) {
	p := req.Profile
	if p.CredentialProcess != "" {
		return Result{}, fault.Newf(fault.Config, "profile %q has a credential_process, which static keys would shadow", p.Name).
			Hint("log in to another profile, or remove credential_process from %s", d.Paths.Config)
	}
	if !req.Force {
		expires, err := awsconfig.Expiration(d.Paths, p.Name)
		if err != nil {
			return Result{}, err
		}
		if expires.Sub(d.Now()) > req.MinTTL {
			return Result{Kept: true, Expires: expires}, nil
		}
	}
	cloud, ok := entra.CloudByName(p.Cloud)
	if !ok {
		return Result{}, fault.Newf(fault.Config, "o365aws_cloud %q is unknown", p.Cloud).Hint("it is global, usgov or china")
	}
	net, err := newNetwork(d.Env, p.CABundle, cloud.LoginHost)
	if err != nil {
		return Result{}, err
	}
	response, err := signIn(ctx, d, p, cloud, net)
	if err != nil {
		return Result{}, err
	}
	return d.exchange(ctx, req, net, response)
}

// exchange turns an assertion into credentials in the file.
func (d Deps) exchange(ctx context.Context, req Request, net network, response saml.Response) (Result, error) {
	p := req.Profile
	for _, warning := range response.Warnings {
		d.Ask.Notice(warning)
	}
	if err := d.checkPerson(ctx, p, response); err != nil {
		return Result{}, err
	}
	state := awsconfig.LoadState(d.Paths)
	role, err := chooseRole(ctx, d.Ask, response.Roles, first(req.Role, p.RoleARN), state.LastRole(p.Name))
	if err != nil {
		return Result{}, err
	}
	client := assume.New(assume.Options{
		Region: p.Region, Endpoint: p.STSEndpoint, HTTP: net.client, FIPS: p.FIPS, DualStack: p.DualStack, Log: d.Log, Memory: state,
	})
	creds, err := client.Assume(ctx, response.Raw, role, p.Duration, d.Ask.Notice)
	if err != nil {
		return Result{}, err
	}
	if err := awsconfig.WriteCredentials(ctx, d.Paths, p.Name, creds.AccessKeyID, creds.SecretAccessKey, creds.SessionToken, creds.Expires); err != nil {
		return Result{}, err
	}
	if err := state.RememberRole(p.Name, role.ARN); err != nil {
		d.Log.Debug("choice not remembered", "error", err)
	}
	return Result{Role: role, SessionName: response.SessionName, Expires: creds.Expires, Credentials: creds}, nil
}

// checkPerson asks before credentials of somebody else than the profile's
// user are taken: a tile or a device may have signed in another account.
func (d Deps) checkPerson(ctx context.Context, p awsconfig.Profile, response saml.Response) error {
	if p.Username == "" || strings.EqualFold(p.Username, response.Subject) || strings.EqualFold(p.Username, response.SessionName) {
		return nil
	}
	who := saml.Printable(first(response.SessionName, response.Subject), 100)
	other := fault.Newf(fault.Auth, "Microsoft signed in %s, but the profile is for %s", who, p.Username).
		Hint("check azure_default_username, or log in in a terminal and confirm")
	yes, err := d.Ask.Confirm(ctx, fmt.Sprintf("Microsoft signed in %s, but the profile is for %s. Go on?", who, p.Username))
	if err != nil && fault.KindOf(err) != fault.NeedsInput {
		return err
	}
	if err != nil || !yes {
		return other
	}
	return nil
}
