package login

import (
	"cmp"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/securefile"
	"github.com/o365aws/o365aws/internal/sts"
	"github.com/o365aws/o365aws/internal/termtext"
)

// purpose is the destination of the credentials of a request.
type purpose int

const (
	// forProgram: credentials go to the caller and the cache, where a requested role has
	// a separate slot.
	forProgram purpose = iota
	// forLogin: the user ran a command to sign in. Credentials go to the profile's slot
	// and the credentials file, and an earlier failure does not prevent the sign-in.
	forLogin
)

// resolved is a request with the values derived from it.
type resolved struct {
	Request
	env         Env
	use         purpose
	cloud       entra.Cloud
	acs         string // reply URL of AWS that the response is for
	identity    identity.Identity
	state       *awsconfig.State
	slot        string       // for the requested role and policies, as in cache.Entry.Asked; "" for the profile's
	policies    sts.Policies // of the request, or else of the profile
	narrowing   string       // key of policies
	settings    string       // digest of the settings that identify the credentials
	stamp       cache.Stamp
	userChooses bool // neither the request nor the profile names a role
}

// identitySettings lists the settings that identify the credentials of a profile.
var identitySettings = []string{
	"azure_tenant_id", "azure_app_id_uri", "azure_default_username", "azure_default_role_arn", "o365aws_cloud",
	"endpoint_url", "ignore_configured_endpoint_urls", "o365aws_policy_arns",
}

// resolve derives the values of a request. It does not read the cache or use the network.
func resolve(env Env, req Request, use purpose) (resolved, error) {
	cloud, ok := entra.CloudByName(req.Profile.Cloud)
	if !ok {
		return resolved{}, fault.Newf(fault.Config, "invalid o365aws_cloud %q", req.Profile.Cloud).
			Hint("use global, usgov or china")
	}
	acs, err := acsOf(req.Profile)
	if err != nil {
		return resolved{}, err
	}
	access := identity.Unattended
	if req.Interactive {
		access = identity.Attended
	}
	id := env.identities().Of(req.Profile, access)
	req.Profile = id.Profile
	p := req.Profile
	r := resolved{
		Request: req, env: env, use: use, cloud: cloud, acs: acs, identity: id, state: awsconfig.LoadState(env.Paths),
		settings: cache.Key(
			p.Cloud, p.TenantID, p.Username, p.AppIDURI, p.RoleARN, saml.Home(p.Region, p.RoleARN, p.Cloud).ID,
			p.STSEndpoint,
		),
		userChooses: req.Role == "" && p.RoleARN == "",
	}
	if r.Batch != nil {
		r.began = r.Batch.began
	}
	if r.began.IsZero() {
		r.began = env.Now()
	}
	return r.narrow()
}

// acsOf returns the reply URL of AWS for a profile: the configured one, or else that of
// the partition. An unknown or isolated partition has none.
func acsOf(p awsconfig.Profile) (string, error) {
	home := saml.Home(p.Region, p.RoleARN, p.Cloud)
	region := termtext.Printable(p.Region, 32)
	switch u, err := url.Parse(p.ACSURL); {
	case home.Isolated():
		return "", fault.Newf(
			fault.Config, "region %s is in the isolated partition %s, which is not supported", region, home.ID,
		)
	case p.ACSURL != "" && (err != nil || !saml.IsACS(u)):
		return "", fault.Newf(
			fault.Config, "o365aws_acs_url %q is not a sign-in URL of AWS", termtext.Printable(p.ACSURL, 200),
		).
			Hint("an example is https://eu-central-1.signin.aws.amazon.com/saml")
	case p.ACSURL == "" && home.ID == "":
		return "", fault.Newf(fault.Config, "%q is not an AWS region that o365aws knows", region).
			Hint("check region, AWS_REGION and --region").
			Hint("if the region is new, set o365aws_acs_url to the reply URL of the AWS application")
	}
	return cmp.Or(p.ACSURL, home.ACS), nil
}

// narrow resolves the session policies and the values that depend on them. Policies of
// the request replace those of the profile. Other calls of the profile must not use such
// a session, so it has a separate slot or, for a login, no stamp.
func (r resolved) narrow() (resolved, error) {
	requested := !r.Policies.IsZero()
	if r.use == forLogin && requested && r.Profile.CredentialProcess != "" {
		return resolved{}, fault.Newf(
			fault.Config, "profile %s gets its credentials from a credential_process, which login cannot narrow",
			r.Profile.Name,
		).Hint("set o365aws_policy_arns in the profile, or pass the policies to exec")
	}
	r.policies = r.Policies
	if !requested {
		var err error
		if r.policies, err = sts.NewPolicies(false, r.Profile.PolicyARNs, nil); err != nil {
			return resolved{}, err
		}
	}
	r.narrowing = r.policies.Key()
	if r.use == forProgram {
		r.slot = r.slotOf(r.Role)
	}
	if !overridden(r.Profile) && (!requested || r.use == forProgram) {
		r.stamp = cache.StampOf(r.env.Paths.Config)
	}
	return r, nil
}

// slotOf returns the slot of a requested role, or "" for that of the profile.
func (r resolved) slotOf(role string) string {
	if !r.Policies.IsZero() {
		role += " with " + r.narrowing
	}
	if r.Chain.RoleARN != "" {
		role += " then " + r.Chain.RoleARN + " " + cache.Key(r.Chain.ExternalID)
	}
	return strings.TrimSpace(role)
}

// overridden reports whether a setting that identifies the credentials comes from outside
// the config file. Such credentials carry no stamp, because the config file alone does
// not determine them.
func overridden(p awsconfig.Profile) bool {
	return slices.ContainsFunc(identitySettings, func(key string) bool {
		source := p.Source[key]
		return strings.HasPrefix(source, "environment") || source == "the command line"
	})
}

// writesFile reports whether the credentials go into the credentials file.
func (r resolved) writesFile() bool { return r.use == forLogin && r.Profile.CredentialProcess == "" }

func (e Env) cache() cache.Dir { return cache.In(e.Paths.Home) }

// config returns the path of the config file in the form used by cache entries.
func (e Env) config() string {
	path := securefile.Canonical(e.Paths.Config) // package fastpath uses the same form
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
