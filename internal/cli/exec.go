package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/credserver"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/subprocess"
	"github.com/o365aws/o365aws/internal/termtext"
)

func (s *invocation) execCommand() *cli.Command {
	return &cli.Command{
		Name: "exec", Usage: "run a command with credentials", ArgsUsage: "-- COMMAND [ARGUMENT...]",
		Description: "Runs a command with credentials in its environment. Streams, signals and exit status are " +
			"those of\n" +
			"the command. With --server, the command requests credentials from a local server, which renews\n" +
			"them: for commands that run longer than credentials last. Other profiles of ~/.aws/config work too: the\n" +
			"command gets a copy without the credentials of the default profile, which would take precedence.\n\n" +
			"Example: o365aws exec --profile work -- aws s3 ls\n" +
			"         o365aws exec --server -- terraform apply\n" +
			"         o365aws exec --role '*/azure.reader' --each --parallel 4 -- aws s3 ls",
		Flags: append(
			slices.Concat(credentialFlags(), eachFlags(), agentFlags()),
			&cli.BoolFlag{
				Name: "server", Usage: "serve credentials to the command from a local server, and renew them",
			},
			&cli.BoolFlag{
				Name: "allow-nested", Usage: "run even if this shell already has credentials from o365aws",
			},
			&cli.BoolFlag{Name: "nest", Hidden: true}, // the former name of --allow-nested
		),
		Action: s.exec,
	}
}

func (s *invocation) exec(c *cli.Context) error {
	args := c.Args().Slice()
	if err := s.checkExec(c, args); err != nil {
		return err
	}
	switch {
	case c.Bool("agent"):
		return s.execAgent(c, args)
	case c.Bool("each") || c.Bool("each-profile"):
		return s.execEach(c, args)
	case c.Bool("allow-write"):
		return usage("--allow-write requires --agent")
	}
	assumed, err := s.credentials(c)
	if err != nil {
		return err
	}
	s.hintAgent(assumed)
	command := subprocess.Command{Args: args, Stdin: s.Stdin, Stdout: s.Stdout, Stderr: s.Stderr}
	if !c.Bool("server") {
		command.Env = subprocess.Environ(s.Environ(), entries(assumed.variables()), slices.Concat(stale, subprocess.Private))
		return s.replace(command)
	}
	return s.serve(c.Context, assumed, command)
}

// checkExec returns an error for a command line without a command to run.
func (s *invocation) checkExec(c *cli.Context, args []string) error {
	dashes := slices.Index(s.args, "--")
	switch {
	case len(args) == 0:
		return usage("exec requires a command").Hint("put it after --, e.g. o365aws exec -- aws s3 ls")
	case dashes < 0 || len(s.args)-dashes-1 != len(args):
		return s.wordBeforeDashes(args, dashes)
	case !c.Bool("allow-nested") && !c.Bool("nest") && s.nested():
		return usage("this shell already has credentials of profile %s", s.Getenv(varProfile)).
			Hint("exit that shell first, or pass --allow-nested").
			Hint("to remove them from this shell: eval \"$(o365aws env --unset)\"")
	}
	return nil
}

// wordBeforeDashes explains a command line such as exec work -- COMMAND, which other
// tools accept, or exec COMMAND.
func (s *invocation) wordBeforeDashes(args []string, dashes int) error {
	f := usage("exec: unexpected argument %q", args[0])
	if dashes < 0 {
		return f.Hint("write the command after two dashes: o365aws exec -- %s", shellWords(args))
	}
	command := shellWords(s.args[dashes+1:])
	return f.Hint("to use a profile: o365aws exec --profile %s -- %s", termtext.ShellWord(args[0]), command)
}

func shellWords(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = termtext.ShellWord(arg)
	}
	return strings.Join(words, " ")
}

// nested reports whether the environment was set by exec or env, with credentials that
// are still valid.
func (s *invocation) nested() bool {
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

// replace replaces this process with the command.
func (s *invocation) replace(command subprocess.Command) error {
	s.saveTrail(context.Background(), nil) // deferred calls will not run
	s.close()
	s.closers = nil
	return subprocess.Become(command)
}

// overridden lists variables that SDKs would prefer to the server.
var overridden = []string{
	varKeyID, varSecretKey, varToken, varExpiration, "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
}

// serve runs the command with a credential server.
func (s *invocation) serve(ctx context.Context, h assumedRole, command subprocess.Command) error {
	fetch := s.fetcher(h)
	return s.serveFrom(ctx, h, command, fetch)
}

// serveFrom runs the command with a credential server that gets credentials from fetch.
func (s *invocation) serveFrom(ctx context.Context, h assumedRole, command subprocess.Command, fetch credserver.Fetch) error {
	// The command handles interrupts itself and may need credentials until it exits.
	// The terminal belongs to the command.
	serving, cancel := context.WithCancel(progress.With(context.WithoutCancel(ctx), nil))
	defer cancel()
	server, err := credserver.Start(
		serving, credserver.Options{Fetch: fetch, Now: s.Now, Random: s.Random, Log: h.env.Log},
	)
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	files, err := s.copyFiles(ctx, h.env.Paths)
	if err != nil {
		return err
	}
	defer files.remove()
	set := slices.Concat(server.Environ(), entries(h.about()), files.set)
	command.Env = subprocess.Environ(s.Environ(), set, slices.Concat(stale, subprocess.Private, overridden))
	return subprocess.Run(command)
}

// fetcher returns a function that fetches credentials of the role that the command
// started with. It does not prompt, because the command uses the terminal; it signs in
// again only with O365AWS_PASSWORD.
func (s *invocation) fetcher(assumed assumedRole) credserver.Fetch {
	quiet := *s
	quiet.noInput = true
	env := quiet.loginEnv(assumed.env.Paths)
	unattended := s.Getenv("O365AWS_PASSWORD") != ""
	return func(ctx context.Context, minTTL time.Duration) (awscreds.Credentials, error) {
		request := assumed.request
		request.Interactive, request.MinTTL = unattended, minTTL
		r, err := login.Credentials(ctx, env, request)
		if err == nil && r.Role.ARN != assumed.Role.ARN {
			request.Role = assumed.Role.ARN
			r, err = login.Credentials(ctx, env, request)
		}
		return r.Credentials, err
	}
}
