package cli

import (
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/secret"
)

// credentialFlags returns the flags of the commands that use credentials without writing
// the credentials file.
func credentialFlags() []cli.Flag {
	return append([]cli.Flag{
		roleFlag(),
		&cli.DurationFlag{
			Name: "duration", Usage: "lifetime of new credentials, 15m to 12h",
			DefaultText: "set by the profile or the role",
		},
		&cli.DurationFlag{
			Name: "min-ttl", Value: defaultMinTTL, Usage: "reuse cached credentials with at least this much time left",
		},
		browserFlag(),
	}, append(policyFlags(), chainFlags()...)...)
}

// assumedRole holds the credentials of a command and the data needed to renew them.
type assumedRole struct {
	login.Result
	profile awsconfig.Profile
	env     login.Env
	request login.Request
}

// credentials returns credentials of the profile. It may prompt.
func (s *invocation) credentials(c *cli.Context) (assumedRole, error) {
	h, err := s.request(c)
	if err != nil {
		return assumedRole{}, err
	}
	h.Result, err = login.Credentials(c.Context, h.env, h.request)
	return h, err
}

// request returns the credential request of a command line.
func (s *invocation) request(c *cli.Context) (assumedRole, error) {
	paths, profile, err := s.profile(c)
	if err != nil {
		return assumedRole{}, err
	}
	policies, err := s.policies(c)
	if err != nil {
		return assumedRole{}, err
	}
	chain, err := chain(c)
	if err != nil {
		return assumedRole{}, err
	}
	env := s.loginEnv(paths)
	return assumedRole{profile: profile, env: env, request: login.Request{
		Profile: profile, Role: c.String("role"), MinTTL: c.Duration("min-ttl"), Interactive: true,
		Policies: s.agentPolicies(profile, policies), Chain: chain,
	}}, nil
}

// loginEnv returns the Env of a login that does not read a password from standard input.
func (s *invocation) loginEnv(paths awsconfig.Paths) login.Env {
	ask := s.asker()
	return s.loginEnvWith(paths, ask.terminal, ask.password)
}

// loginEnvWith returns the Env of a login with the given prompter. Its log redacts
// secrets.
func (s *invocation) loginEnvWith(paths awsconfig.Paths, prompter login.Prompter, secrets ...secret.Text) login.Env {
	return login.Env{
		Paths: paths, Getenv: s.Getenv, Environ: s.Environ(), Prompter: prompter, Log: s.logger(secrets...),
		Now: s.Now, Random: s.Random, Stores: s.stores, Trail: s.recorder(paths),
	}
}

// Environment variables for child processes, and those that would conflict with them.
// Source: docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html
const (
	varKeyID      = "AWS_ACCESS_KEY_ID"
	varSecretKey  = "AWS_SECRET_ACCESS_KEY"
	varToken      = "AWS_SESSION_TOKEN"
	varExpiration = "AWS_CREDENTIAL_EXPIRATION"
	varRegion     = "AWS_REGION"
	varOldRegion  = "AWS_DEFAULT_REGION"
	varProfile    = "O365AWS_PROFILE"
)

var (
	written = []string{varKeyID, varSecretKey, varToken, varExpiration, varRegion, varOldRegion, varProfile}
	stale   = []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN"}
)

// variable is an environment variable of a child process.
type variable struct{ name, value string }

// variables returns the environment variables of a child process.
func (r assumedRole) variables() []variable {
	c := r.Credentials
	return append([]variable{
		{varKeyID, c.AccessKeyID},
		{varSecretKey, c.SecretAccessKey.Reveal()},
		{varToken, c.SessionToken.Reveal()},
		{varExpiration, r.Expires.UTC().Format(time.RFC3339)},
	}, r.about()...)
}

// about returns the variables that contain no secrets.
func (r assumedRole) about() []variable {
	list := []variable{{varProfile, r.profile.Name}}
	if r.profile.Region != "" {
		list = append(list, variable{varRegion, r.profile.Region}, variable{varOldRegion, r.profile.Region})
	}
	return list
}
