// Package identity stores data about one user in one tenant: session cookies, password,
// TOTP secret, tenant GUID, the assertion shared by concurrent calls, and the last
// failure.
package identity

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/secret"
)

// Prompter prompts the user.
type Prompter interface {
	entra.Prompter
	// HasPassword reports whether the command was given a password, so that Password
	// returns without a prompt.
	HasPassword() bool
	// Passphrase prompts for the passphrase of the secret store file. isNew is true if
	// there is no file yet. The store rejects an empty passphrase.
	Passphrase(ctx context.Context, isNew bool) (secret.Text, error)
}

// Env holds the dependencies for storing identities.
type Env struct {
	Paths    awsconfig.Paths
	Getenv   awsconfig.Env
	Environ  []string // environment of commands
	Prompter Prompter
	Log      *slog.Logger
	Now      func() time.Time
	Stores   *keychain.Stores // shared during this run; nil opens a store each time
}

// Access determines whether the user may be prompted to unlock the secret store.
type Access int

// Values of Access.
const (
	Unattended Access = iota
	Attended
)

// Identity is one user in one tenant. The profiles of an identity share its session and
// secrets. Profiles may name a tenant by its GUID or by a domain, so the GUID is used
// once it is known.
type Identity struct {
	Env
	Profile awsconfig.Profile // Tenant is set if the GUID is known
	Access  Access
}

// Of returns the identity of a profile without using the network: the GUID of a domain is
// known only if an earlier run has looked it up.
func (e Env) Of(p awsconfig.Profile, access Access) Identity {
	switch {
	case p.Tenant != "":
	case entra.IsGUID(p.TenantID):
		p.Tenant = strings.ToLower(p.TenantID)
	default:
		p.Tenant = awsconfig.LoadState(e.Paths).Tenant(p.Cloud, strings.ToLower(p.TenantID))
	}
	return Identity{e, p, access}
}

// ResolveTenant returns the identity with the GUID of its tenant. It looks up the GUID
// once per domain.
func (i Identity) ResolveTenant(ctx context.Context, client *http.Client, cloud entra.Cloud) (Identity, error) {
	if i.Profile.Tenant != "" {
		return i, nil
	}
	var err error
	if i.Profile.Tenant, err = entra.TenantID(ctx, client, cloud, i.Profile.TenantID); err == nil {
		i.rememberTenant(i.Profile.Tenant)
	}
	return i, err
}

// DeleteTenant deletes the stored GUID of a domain, which may have moved to another
// tenant.
func (i Identity) DeleteTenant() {
	if !entra.IsGUID(i.Profile.TenantID) {
		i.rememberTenant("")
	}
}

func (i Identity) rememberTenant(guid string) {
	p := i.Profile
	if err := awsconfig.LoadState(i.Paths).RememberTenant(p.Cloud, strings.ToLower(p.TenantID), guid); err != nil {
		i.Log.Debug("tenant not remembered", "error", err)
	}
}

// Key returns the name of the identity for use in file names.
func (i Identity) Key() string {
	p := i.Profile
	return cache.Key(p.Cloud, cmp.Or(p.Tenant, strings.ToLower(p.TenantID)), strings.ToLower(p.Username))
}

// BrowserProfiles returns the folder that contains the persistent browser profiles.
func (e Env) BrowserProfiles() string { return filepath.Join(e.Paths.Home, "windows") }

// BrowserProfile returns the folder of the identity's persistent browser profile. Each
// identity has its own, so that no user enters the session of another.
func (i Identity) BrowserProfile() string {
	p := i.Profile
	sum := sha256.Sum256([]byte(strings.ToLower(cmp.Or(p.Tenant, p.TenantID) + "\n" + p.Username)))
	return filepath.Join(i.BrowserProfiles(), hex.EncodeToString(sum[:8]))
}

func (i Identity) cache() cache.Dir { return cache.In(i.Paths.Home) }

// LastFailure returns the failure of the identity's last sign-in if it is more recent
// than limit.
func (i Identity) LastFailure(limit time.Duration) (cache.Failure, bool) {
	return i.cache().Failed(i.Key(), i.Now(), limit)
}

// RecordFailure stores a failure for calls in the next seconds.
func (i Identity) RecordFailure(f cache.Failure) {
	if err := i.cache().Fail(i.Key(), f); err != nil {
		i.Log.Debug("failure not stored", "error", err)
	}
}

// ClearFailure deletes the stored failure.
func (i Identity) ClearFailure() error { return i.cache().Forgive(i.Key()) }
