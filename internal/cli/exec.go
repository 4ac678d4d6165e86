package cli

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/credserver"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/securefile"
	"github.com/o365aws/o365aws/internal/subprocess"
)

func (s *session) execCommand() *cli.Command {
	return &cli.Command{
		Name: "exec", Usage: "run a command with credentials", ArgsUsage: "-- COMMAND [ARGUMENT...]",
		Description: "Runs a command with the credentials in its environment. Its streams, signals and exit status are\n" +
			"the command's own. With --server the command asks for credentials whenever it needs them, and gets\n" +
			"fresh ones: for what runs longer than they last.\n\n" +
			"Example: o365aws exec --profile work -- aws s3 ls\n" +
			"         o365aws exec --server -- terraform apply",
		Flags: append(
			credentialFlags(),
			&cli.BoolFlag{
				Name: "server", Usage: "serve credentials on this machine while the command runs, and renew them",
			},
			&cli.BoolFlag{
				Name: "allow-nested", Usage: "run although this shell has credentials of o365aws already",
			},
			&cli.BoolFlag{Name: "nest", Hidden: true}, // the former name of --allow-nested
		),
		Action: s.exec,
	}
}

func (s *session) exec(c *cli.Context) error {
	args := c.Args().Slice()
	if err := s.checkExec(c, args); err != nil {
		return err
	}
	h, err := s.credentials(c)
	if err != nil {
		return err
	}
	command := subprocess.Command{Args: args, Stdin: s.Stdin, Stdout: s.Stdout, Stderr: s.Stderr}
	if !c.Bool("server") {
		command.Env = subprocess.Environ(s.Environ(), entries(h.variables()), slices.Concat(stale, private))
		return s.replace(command)
	}
	return s.serve(c.Context, h, command)
}

// checkExec refuses a command line that does not say what to run.
func (s *session) checkExec(c *cli.Context, args []string) error {
	dashes := slices.Index(s.args, "--")
	switch {
	case len(args) == 0:
		return usage("exec needs a command to run").Hint("write it after two dashes, e.g. o365aws exec -- aws s3 ls")
	case dashes < 0 || len(s.args)-dashes-1 != len(args):
		return usage("exec: %q is left over", args[0]).
			Hint("write the command after two dashes: o365aws exec -- %s", args[0])
	case !c.Bool("allow-nested") && !c.Bool("nest") && s.nested():
		return usage("this shell has credentials of profile %s already", s.Getenv(varProfile)).
			Hint("leave it first (exit), or pass --allow-nested").
			Hint("eval \"$(o365aws env --unset)\" takes them out of this shell")
	}
	return nil
}

// nested reports whether exec or env has furnished this environment, and it
// is still of use.
func (s *session) nested() bool {
	if s.Getenv(varProfile) == "" {
		return false
	}
	expires, err := time.Parse(time.RFC3339, s.Getenv(varExpiration))
	return err == nil && expires.After(s.Now()) || s.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN") != ""
}

func entries(list []variable) []string {
	var all []string
	for _, v := range list {
		all = append(all, v.name+"="+v.value)
	}
	return all
}

// replace has the command take the place of this process.
func (s *session) replace(command subprocess.Command) error {
	s.close() // what is deferred would not run any more
	s.closers = nil
	return subprocess.Become(command)
}

// overridden are variables that an SDK would look at before the server's.
var overridden = []string{
	varKeyID, varSecretKey, varToken, varExpiration, "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
}

// serve runs the command with a credential server beside it.
func (s *session) serve(ctx context.Context, h held, command subprocess.Command) error {
	// An interrupt is the command's to act on; it may need credentials to the end.
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	fetch, err := s.fetcher(h)
	if err != nil {
		return err
	}
	server, err := credserver.Start(
		serving, credserver.Options{Fetch: fetch, Now: s.Now, Random: s.Random, Log: h.env.Log},
	)
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	set := slices.Concat(server.Environ(), entries(h.about()), s.shadows(h.env.Paths))
	command.Env = subprocess.Environ(s.Environ(), set, slices.Concat(stale, private, overridden))
	return subprocess.Run(command)
}

// fetcher gets credentials of the role that the command began with. It asks
// nobody, for the terminal is the command's now; it signs in anew only with
// the password of unattended use.
func (s *session) fetcher(h held) (credserver.Fetch, error) {
	quiet := *s
	quiet.noInput = true
	env, err := quiet.loginEnv(h.env.Paths)
	if err != nil {
		return nil, err
	}
	unattended := s.Getenv("O365AWS_PASSWORD") != ""
	return func(ctx context.Context, minTTL time.Duration) (awscreds.Credentials, error) {
		request := h.request
		request.Interactive, request.MinTTL = unattended, minTTL
		r, err := login.Credentials(ctx, env, request)
		if err == nil && r.Role.ARN != h.Role.ARN {
			request.Role = h.Role.ARN
			r, err = login.Credentials(ctx, env, request)
		}
		return r.Credentials, err
	}, nil
}

// shadows hides a file whose default profile has credentials: SDKs take them
// before they ask a server.
func (s *session) shadows(paths awsconfig.Paths) []string {
	var set []string
	for name, path := range map[string]string{"AWS_CONFIG_FILE": paths.Config, "AWS_SHARED_CREDENTIALS_FILE": paths.Credentials} {
		data, err := securefile.Read(path)
		if errors.As(err, new(*securefile.UnsafeError)) {
			s.sayAfter("o365aws: note: ", "%s is hidden from the command: %s", s.tilde(path), err)
			set = append(set, name+"="+os.DevNull)
		}
		if err != nil {
			continue // there is none, or the SDK cannot read it either
		}
		for _, section := range awsconfig.Sections(data) {
			if section.Name == "default" && section.GivesCredentials() {
				s.sayAfter(
					"o365aws: note: ",
					"%s is hidden from the command: SDKs would take the credentials of its default profile",
					s.tilde(path),
				)
				set = append(set, name+"="+os.DevNull)
			}
		}
	}
	return set
}
