package login

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
)

// wanted is a request with what it amounts to.
type wanted struct {
	Request
	cloud    entra.Cloud
	asked    string // as in cache.Entry
	identity string // key of the sign-in
	settings string // digest of what decides whose credentials these are
	stamp    cache.Stamp
	began    time.Time
	explicit bool // a person typed the command to sign in: an earlier failure does not stop it
}

// own puts what is got into the profile's own place also when another role
// was asked for; apart keeps that role apart.
const (
	own   = true
	apart = false
)

// identitySettings decide whose credentials a profile yields.
var identitySettings = []string{
	"azure_tenant_id", "azure_app_id_uri", "azure_default_username", "azure_default_role_arn", "o365aws_cloud",
	"endpoint_url", "ignore_configured_endpoint_urls",
}

func (d Deps) wanted(req Request, ownPlace bool) (wanted, error) {
	req.Profile = d.known(req.Profile)
	p := req.Profile
	w := wanted{Request: req, began: d.Now(), identity: identityOf(p)}
	var ok bool
	if w.cloud, ok = entra.CloudByName(p.Cloud); !ok {
		return wanted{}, fault.Newf(fault.Config, "o365aws_cloud %q is unknown", p.Cloud).
			Hint("it is global, usgov or china")
	}
	w.settings = cache.Key(
		p.Cloud, p.TenantID, p.Username, p.AppIDURI, p.RoleARN, saml.Home(p.Region, p.RoleARN, p.Cloud).ID,
		p.STSEndpoint,
	)
	if !ownPlace {
		w.asked = req.Role
	}
	if !overridden(p) {
		w.stamp = cache.StampOf(d.Paths.Config)
	}
	return w, nil
}

// overridden reports whether a setting that decides comes from outside the
// config file. What is got then has no stamp: a look at the file alone cannot
// tell that it fits.
func overridden(p awsconfig.Profile) bool {
	return slices.ContainsFunc(identitySettings, func(key string) bool {
		source := p.Source[key]
		return strings.HasPrefix(source, "environment") || source == "the command line"
	})
}

func (d Deps) cache() cache.Dir { return cache.In(d.Paths.Home) }

// config is the path of the config file, as entries name it.
func (d Deps) config() string { return absolute(d.Paths.Config) }

func absolute(path string) string {
	if filepath.IsAbs(path) {
		return path // as it is: package warm names it so
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// longest is the longest session that STS gives.
const longest = 12 * time.Hour

// tooLong reports whether credentials last longer than there is: the clock
// was set back since they were got, and their end tells nothing now.
func (d Deps) tooLong(expires time.Time) bool { return expires.Sub(d.Now()) > longest+clockSkew }

// fits returns the cached credentials that belong to w, fresh or not. Those
// from the future are left out: the clock was set back.
func (d Deps) fits(w wanted) (cache.Entry, bool) {
	e, ok := d.cache().Get(d.config(), w.Profile.Name, w.asked)
	if !ok && w.asked != "" {
		e, ok = d.byPattern(w)
	}
	if !ok || e.Settings != w.settings || e.Obtained.Sub(d.Now()) > clockSkew || d.tooLong(e.Expires) {
		return cache.Entry{}, false
	}
	if w.Role != "" && w.asked == "" {
		if _, err := matchRole([]saml.Role{{ARN: e.RoleARN}}, w.Role); err != nil {
			return cache.Entry{}, false
		}
	}
	return e, true
}

// fresh returns credentials that need no renewal: with more time left than
// asked for, or got by somebody else while this call was waiting.
func (d Deps) fresh(w wanted) (Result, bool) {
	e, ok := d.fits(w)
	if ok && (e.Expires.Sub(d.Now()) > w.MinTTL || e.Obtained.After(w.began)) {
		if e.Stamp != w.stamp { // the file changed, but nothing that matters here
			e.Stamp = w.stamp
			d.put(e)
		}
		return resultOf(e), true
	}
	if w.Profile.CredentialProcess != "" || w.Role != "" {
		return Result{}, false
	}
	r, ok := d.inFile(w)
	if e, known := d.cache().Get(d.config(), w.Profile.Name, ""); known && e.AccessKeyID == r.Credentials.AccessKeyID &&
		e.Settings != w.settings {
		return Result{}, false // got before the profile was changed
	}
	return r, ok
}

// inFile returns the credentials in the credentials file, if they are fresh.
func (d Deps) inFile(w wanted) (Result, bool) {
	held, err := awsconfig.ReadCredentials(d.Paths, w.Profile.Name)
	if err != nil || held.AccessKeyID == "" || held.Expires.Sub(d.Now()) <= w.MinTTL || d.tooLong(held.Expires) {
		return Result{}, false
	}
	r := Result{Kept: true, Expires: held.Expires, Credentials: held}
	if e, ok := d.cache().Get(d.config(), w.Profile.Name, ""); ok && e.AccessKeyID == held.AccessKeyID {
		return resultOf(e), true
	}
	r.Role.ARN = cmp.Or(awsconfig.LoadState(d.Paths).LastRole(w.Profile.Name), w.Profile.RoleARN)
	return r, true
}

func resultOf(e cache.Entry) Result {
	return Result{
		Kept: true, Role: saml.Role{ARN: e.RoleARN, Provider: e.Provider}, SessionName: e.SessionName, Expires: e.Expires,
		Credentials: e.Credentials,
	}
}

// put keeps an entry. That it cannot be kept (a full disk, a read-only home)
// costs the next call a sign-in, and this one nothing.
func (d Deps) put(e cache.Entry) {
	if err := d.cache().Put(e); err != nil {
		d.Log.Warn("credentials could not be kept for the next call", "error", err)
	}
}

// Peek returns what a profile has without any lock or network: the cached
// credentials, or those of the credentials file, whichever last longer. They
// may have run out; false means that there are none.
func Peek(d Deps, p awsconfig.Profile) (Result, bool) {
	w, err := d.wanted(Request{Profile: p}, own)
	if err != nil {
		return Result{}, false
	}
	var best Result
	if e, ok := d.fits(w); ok {
		best = resultOf(e)
	}
	if p.CredentialProcess == "" {
		w.MinTTL = -100 * 365 * 24 * time.Hour // also what has run out
		if r, ok := d.inFile(w); ok && r.Expires.After(best.Expires) {
			best = r
		}
	}
	return best, best.Kept
}
