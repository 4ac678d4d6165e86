package cli

import (
	"cmp"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awspaths"
	"github.com/o365aws/o365aws/internal/blocking"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/termtext"
)

// defaultMinTTL is the minimum remaining lifetime of cached credentials to reuse.
const defaultMinTTL = 15 * time.Minute

func (s *invocation) loginCommand() *cli.Command {
	return &cli.Command{
		Name:  "login",
		Usage: "sign in, choose a role, and store its credentials",
		Description: "Signs in to Office 365 in a headless browser and stores the credentials of one AWS role: " +
			"in the\n" +
			"AWS credentials file or, for a profile with a credential_process, in the cache that it reads.\n" +
			"Every flag has an environment variable: O365AWS_ and the name of the flag.\n\n" +
			"Example: o365aws login --profile work --role 111122223333/azure.reader",
		Flags: append([]cli.Flag{
			roleFlag(),
			&cli.DurationFlag{
				Name: "duration", Usage: "lifetime of the credentials, 15m to 12h",
				DefaultText: "set by the profile or the role",
			},
			&cli.BoolFlag{
				Name:  "all-roles",
				Usage: "assume every role you have, and store each for the profiles that name it",
			},
			&cli.BoolFlag{
				Name:  "all-profiles",
				Usage: "log in to every o365aws profile, with one sign-in per user and application",
			},
			&cli.BoolFlag{Name: "force", Usage: "sign in even if the cached credentials are still valid"},
			&cli.DurationFlag{
				Name: "min-ttl", Value: defaultMinTTL, Usage: "reuse cached credentials with at least this much " +
					"time left",
			},
			browserFlag(),
			&cli.StringFlag{
				Name:  "mfa",
				Usage: "method of multifactor authentication, e.g. push, totp, sms or sms:42",
			},
			&cli.BoolFlag{Name: "password-stdin", Usage: "read the password from standard input, one line"},
			&cli.StringFlag{
				Name:  "save-diagnostics",
				Usage: "write diagnostics of the sign-in pages to this folder, without secrets or personal data",
			},
			&cli.BoolFlag{
				Name:  "diagnostics-screenshot",
				Usage: "with --save-diagnostics: include a screenshot of the last page, which shows your name",
			},
		}, policyFlags()...),
		Action: s.login,
	}
}

func (s *invocation) login(c *cli.Context) error {
	paths, profile, err := s.profile(c)
	if err != nil && s.hasNoProfiles() {
		return s.configureFirst(c)
	}
	if err != nil && c.Bool("all-profiles") {
		paths, err = s.paths() // the default profile need not exist
	}
	if err != nil {
		return err
	}
	password := secret.New(s.Getenv("O365AWS_PASSWORD"))
	if c.Bool("password-stdin") {
		password, err = blocking.Call(c.Context, func() (secret.Text, error) { return readPassword(s.Stdin) })
		if err != nil {
			return err
		}
	}
	ask := s.askerWith(password)
	policies, err := s.policies(c)
	if err != nil {
		return err
	}
	env := s.loginEnvWith(paths, ask.terminal, ask.password)
	env.Diagnostics = login.Diagnostics{
		Dir: c.String("save-diagnostics"), Screenshot: c.Bool("diagnostics-screenshot"),
	}
	request := login.Request{
		Role: c.String("role"), Force: c.Bool("force"), MinTTL: c.Duration("min-ttl"), Policies: policies,
	}
	if c.Bool("all-profiles") {
		return s.loginProfiles(c, env, request)
	}
	request = s.requestFor(profile, request)
	if c.Bool("all-roles") {
		return s.loginAll(c, env, request)
	}
	result, err := login.Run(c.Context, env, request)
	if err != nil {
		return err
	}
	s.warnShadowed(paths, profile.Name)
	return s.showLogin(profile.Name, result)
}

// requestFor returns the request for a profile, with the session policies of an agent.
func (s *invocation) requestFor(profile awsconfig.Profile, request login.Request) login.Request {
	request.Profile = profile
	if profile.CredentialProcess == "" { // otherwise the calls of programs are narrowed
		request.Policies = s.agentPolicies(profile, request.Policies)
	}
	return request
}

// profile loads the profile, with the settings that flags override.
func (s *invocation) profile(c *cli.Context) (awsconfig.Paths, awsconfig.Profile, error) {
	paths, err := s.paths()
	if err != nil {
		return paths, awsconfig.Profile{}, err
	}
	if err := s.checkBrowser(c); err != nil {
		return paths, awsconfig.Profile{}, err
	}
	profile, err := s.load(c, paths, s.Getenv, awspaths.Profile(common(c, "profile"), s.Getenv))
	return paths, profile, err
}

// load loads the named profile, with the settings that flags override.
func (s *invocation) load(
	c *cli.Context, paths awsconfig.Paths, getenv awsconfig.Env, name string,
) (awsconfig.Profile, error) {
	flags := awsconfig.Flags{
		"region": common(c, "region"), "o365aws_browser": c.String("browser"), "o365aws_mfa": c.String("mfa"),
	}
	profile, err := awsconfig.Load(paths, getenv, name, flags)
	if err != nil {
		return profile, err
	}
	asked, err := duration(c)
	profile.Duration = cmp.Or(asked, profile.Duration)
	return profile, err
}

// showLogin prints the result: a line on stderr, or JSON.
func (s *invocation) showLogin(profile string, r login.Result) error {
	if s.json {
		document := struct {
			Profile     string   `json:"profile"`
			Cached      bool     `json:"cached"`
			RoleARN     string   `json:"role_arn,omitempty"`
			Account     string   `json:"account,omitempty"`
			SessionName string   `json:"session_name,omitempty"`
			Policies    []string `json:"session_policies,omitempty"`
			Expires     string   `json:"expires"`
		}{
			Profile: profile, Cached: r.Cached, RoleARN: r.Role.ARN, Account: r.Role.Account(),
			SessionName: r.SessionName, Policies: sessionPolicies(r.Policies), Expires: r.Expires.UTC().Format(time.RFC3339),
		}
		return s.data(document)
	}
	left := r.Expires.Sub(s.Now()).Round(time.Minute)
	until := r.Expires.Local().Format("15:04")
	if r.Cached {
		s.say(
			"Profile %s has valid credentials until %s (%s left). Use --force to sign in anyway.", profile, until,
			termtext.Duration(left),
		)
		return nil
	}
	s.say(
		"Signed in as %s: role %s in account %s until %s (%s). Credentials stored for profile %s.",
		termtext.Printable(r.SessionName, 100), narrowed(r.Role.Name(), r.Policies), r.Role.Account(), until, termtext.Duration(left),
		profile,
	)
	return nil
}
