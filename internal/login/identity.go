package login

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"

	"github.com/o365aws/o365aws/internal/network"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/entra"
)

// An identity is a person in a tenant: the profiles of one share its sign-in,
// session and secrets. Some name the tenant by its GUID and some by a domain,
// so it is the GUID that counts, as soon as it is known.

// known adds the tenant's GUID to a profile, if nobody has to be asked for it.
func (d Deps) known(p awsconfig.Profile) awsconfig.Profile {
	switch {
	case p.Tenant != "":
	case entra.IsGUID(p.TenantID):
		p.Tenant = strings.ToLower(p.TenantID)
	default:
		p.Tenant = awsconfig.LoadState(d.Paths).Tenant(p.Cloud, strings.ToLower(p.TenantID))
	}
	return p
}

// learned is known, and asks Microsoft: once for each domain.
func (d Deps) learned(
	ctx context.Context, p awsconfig.Profile, cloud entra.Cloud, net network.Network,
) (awsconfig.Profile, error) {
	if p = d.known(p); p.Tenant != "" {
		return p, nil
	}
	var err error
	if p.Tenant, err = entra.TenantID(ctx, net.Client, cloud, p.TenantID); err == nil {
		d.rememberTenant(p, p.Tenant)
	}
	return p, err
}

// identifiedAlone adds the GUID to a request that is about to sign in. Calls
// that knew it from the start wait for each other by a lock of that name, so
// who learns it now takes that one too: two that renew one session at once
// would lose it. Who cannot be asked now can be asked later.
func (d Deps) identifiedAlone(ctx context.Context, w wanted, net network.Network) (wanted, func(), error) {
	if w.Profile.Tenant != "" {
		return w, func() {}, nil
	}
	p, err := d.learned(ctx, w.Profile, w.cloud, net)
	if err != nil {
		d.Log.Debug("tenant not known", "error", err)
		return w, func() {}, nil
	}
	w.Profile, w.identity = p, identityOf(p)
	unlock, err := d.lock(ctx, w, "identity-"+w.identity)
	return w, unlock, err
}

// unlearn forgets the GUID of a domain whose answer came from somewhere else:
// domains move.
func (d Deps) unlearn(p awsconfig.Profile) {
	if !entra.IsGUID(p.TenantID) {
		d.rememberTenant(p, "")
	}
}

func (d Deps) rememberTenant(p awsconfig.Profile, guid string) {
	if err := awsconfig.LoadState(d.Paths).RememberTenant(p.Cloud, strings.ToLower(p.TenantID), guid); err != nil {
		d.Log.Debug("tenant not remembered", "error", err)
	}
}

// identityOf is the key of an identity.
func identityOf(p awsconfig.Profile) string {
	return cache.Key(p.Cloud, cmp.Or(p.Tenant, strings.ToLower(p.TenantID)), strings.ToLower(p.Username))
}

// The kinds of secrets that an identity may have.
const (
	sessionSecret  = "session"
	passwordSecret = "password"
	seedSecret     = "totp"
)

// secretName is the name of an identity's secret, as keychains show it.
func secretName(kind string, p awsconfig.Profile) string {
	return strings.ToLower(strings.Join([]string{kind, p.Cloud, cmp.Or(p.Tenant, p.TenantID), p.Username}, " "))
}

// secretNames are all names that it may have: what was kept before the GUID
// was known is under the domain.
func secretNames(kind string, p awsconfig.Profile) []string {
	names := []string{secretName(kind, p)}
	p.Tenant = ""
	if name := secretName(kind, p); name != names[0] {
		names = append(names, name)
	}
	return names
}

// windows is the folder of the browser profiles that are kept.
func (d Deps) windows() string { return filepath.Join(d.Paths.Home, "windows") }

// keptWindow is the folder of a window's profile: one for each identity, so
// that nobody gets into another's session.
func (d Deps) keptWindow(p awsconfig.Profile) string {
	sum := sha256.Sum256([]byte(strings.ToLower(cmp.Or(p.Tenant, p.TenantID) + "\n" + p.Username)))
	return filepath.Join(d.windows(), hex.EncodeToString(sum[:8]))
}
