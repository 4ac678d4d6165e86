package cli

import (
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/secret"
)

// credentialFlags are those of the commands that need credentials and do not
// write the credentials file.
func credentialFlags() []cli.Flag {
	return []cli.Flag{
		roleFlag(),
		&cli.DurationFlag{
			Name: "duration", Usage: "how long new credentials last, e.g. 1h; 15m to 12h",
			DefaultText: "as the profile or the role says",
		},
		&cli.DurationFlag{
			Name: "min-ttl", Value: defaultMinTTL, Usage: "credentials with less time left are replaced first",
		},
		browserFlag(),
	}
}

// held is what a command got: credentials, whose they are, and what it takes
// to get the next ones.
type held struct {
	login.Result
	profile awsconfig.Profile
	env     login.Env
	request login.Request
}

// credentials gets credentials of the profile; a person may be asked.
func (s *session) credentials(c *cli.Context) (held, error) {
	paths, profile, err := s.profile(c)
	if err != nil {
		return held{}, err
	}
	env, err := s.loginEnv(paths)
	if err != nil {
		return held{}, err
	}
	h := held{profile: profile, env: env, request: login.Request{
		Profile: profile, Role: c.String("role"), MinTTL: c.Duration("min-ttl"), Interactive: true,
	}}
	h.Result, err = login.Credentials(c.Context, env, h.request)
	return h, err
}

// loginEnv returns the Env of a login without a password on standard input.
func (s *session) loginEnv(paths awsconfig.Paths) (login.Env, error) {
	ask, err := s.asker(false)
	if err != nil {
		return login.Env{}, err
	}
	return s.loginEnvWith(paths, ask.terminal, ask.password), nil
}

// loginEnvWith returns the Env of a login with a prompter. The log holds none of
// the secrets.
func (s *session) loginEnvWith(paths awsconfig.Paths, prompter login.Prompter, secrets ...secret.Text) login.Env {
	return login.Env{
		Paths: paths, Getenv: s.Getenv, Environ: s.Environ(), Prompter: prompter, Log: s.logger(secrets...),
		Now: s.Now, Random: s.Random, Stores: s.stores,
	}
}

// The variables that children get, and those that would contradict them.
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
	// private never reach a child.
	private = []string{"O365AWS_PASSWORD", "O365AWS_TOTP_SECRET", "O365AWS_STORE_PASSPHRASE"}
)

// variable is one of a child's environment.
type variable struct{ name, value string }

// variables are what a child is given: the keys, and what h is about.
func (h held) variables() []variable {
	c := h.Credentials
	return append([]variable{
		{varKeyID, c.AccessKeyID},
		{varSecretKey, c.SecretAccessKey.Reveal()},
		{varToken, c.SessionToken.Reveal()},
		{varExpiration, h.Expires.UTC().Format(time.RFC3339)},
	}, h.about()...)
}

// about are the variables that hold no key.
func (h held) about() []variable {
	list := []variable{{varProfile, h.profile.Name}}
	if h.profile.Region != "" {
		list = append(list, variable{varRegion, h.profile.Region}, variable{varOldRegion, h.profile.Region})
	}
	return list
}
