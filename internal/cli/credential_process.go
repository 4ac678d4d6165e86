package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fastpath"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/openurl"
	"github.com/o365aws/o365aws/internal/prompt"
)

// AWS tools call this command whenever they need credentials, often concurrently. Their
// requirements: docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html

const (
	// processLimit ends a call before the Go SDK times out, after one minute.
	processLimit = 50 * time.Second
	// workerLimit limits a sign-in that a call started in the background. A timeout
	// longer than processLimit identifies a call as the worker.
	workerLimit = 5 * time.Minute
)

func (s *invocation) processCommand() *cli.Command {
	return &cli.Command{
		Name:  fastpath.Command,
		Usage: "print credentials as JSON, for credential_process",
		Description: "Prints credentials of a profile in the format of credential_process: from the cache while " +
			"they\n" +
			"are valid, otherwise new ones from the saved session. It never prompts unless the profile sets\n" +
			"o365aws_process: \"terminal\" prompts in the terminal that the calling program was started from,\n" +
			"\"system\" opens your own browser. A sign-in that outlives the call continues in the background,\n" +
			"and the next call returns its credentials. In the AWS config file:\n\n" +
			"   [profile work]\n" +
			"   credential_process = o365aws credential-process --profile work\n\n" +
			"Example: o365aws credential-process --profile work",
		Flags: append([]cli.Flag{
			&cli.DurationFlag{Name: "timeout", Value: processLimit, Usage: "time limit of the call"},
		}, append(policyFlags(), chainFlags()...)...),
		Action: s.process,
	}
}

// process answers one call. An error is printed on one line, because SDKs print and log
// it.
func (s *invocation) process(c *cli.Context) error {
	s.oneLine = true
	paths, profile, err := s.profile(c)
	if err != nil {
		return err
	}
	policies, err := s.policies(c)
	if err != nil {
		return err
	}
	chain, err := chain(c)
	if err != nil {
		return err
	}
	limit := c.Duration("timeout")
	ctx, cancel := context.WithTimeoutCause(c.Context, limit, errTooSlow)
	defer cancel()
	env := s.loginEnvWith(paths, prompt.New(prompt.Options{NoInput: true, Err: io.Discard}))
	request := login.Request{
		Profile: profile, MinTTL: fastpath.MinTTL, Policies: s.agentPolicies(profile, policies), Chain: chain,
	}
	result, err := login.Credentials(ctx, env, request)
	if fault.KindOf(err) == fault.NeedsInput && ctx.Err() == nil && s.mayAsk(profile) {
		result, err = s.processAsking(ctx, env, request, limit, policyArgs(c))
	}
	if err != nil {
		return tooSlow(ctx, err)
	}
	return s.writeProcess(result)
}

var errTooSlow = errors.New("too slow")

// tooSlow explains an error caused by the time limit.
func tooSlow(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errTooSlow) && errors.Is(err, context.DeadlineExceeded) {
		return fault.New(fault.Network, "no credentials within the time limit of the call", "run o365aws login")
	}
	return err
}

// mayAsk reports whether the profile allows a call to prompt and a controlling terminal
// or a browser is available.
func (s *invocation) mayAsk(p awsconfig.Profile) bool {
	switch {
	case s.noInput:
		return false
	case p.Process == "terminal":
		return s.atTerminal()
	case p.Process == "system":
		return openurl.CanOpen(s.Getenv)
	}
	return false
}

// processAsking starts a worker that prompts, or is that worker: a call with a longer
// timeout than programs wait.
func (s *invocation) processAsking(
	ctx context.Context, env login.Env, request login.Request, limit time.Duration, narrowing []string,
) (login.Result, error) {
	if limit <= processLimit {
		args := []string{fastpath.Command, "--profile", request.Profile.Name, "--timeout", workerLimit.String()}
		args = append(args, narrowing...)
		if request.Profile.Region != "" {
			args = append(args, "--region", request.Profile.Region)
		}
		return login.RequestViaWorker(ctx, env, request, func() (func(), error) { return s.Background(args) })
	}
	ask := s.asker()
	if ask.terminal.Err = io.Discard; ask.terminal.Out != nil { // the worker has no stderr
		ask.terminal.Err = ask.terminal.Out
	}
	env.Prompter = ask.terminal
	if request.Profile.Process == "system" {
		request.Profile.Browser = "system"
		env.Prompter = atDesktop{ask.terminal}
	}
	return login.RunWorker(ctx, env, request)
}

// atDesktop is a Prompter for a user who has a browser, even without a terminal.
type atDesktop struct{ *prompt.Terminal }

// Window implements login.Prompter.
func (atDesktop) Window() bool { return true }

// writeProcess writes the document in a single write.
func (s *invocation) writeProcess(r login.Result) error {
	document, err := cache.Document(r.Credentials)
	if err != nil {
		return err
	}
	_, err = s.Stdout.Write(document)
	return err
}
