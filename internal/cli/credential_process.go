package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/warm"
)

// The AWS tools call this command whenever they need credentials, in parallel
// and all day. What they expect of it:
// docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html

const (
	// processLimit ends a call before the Go SDK stops listening, which it
	// does after a minute.
	processLimit = 50 * time.Second
	// workerLimit is how long a sign-in that a call has begun may go on after
	// it; what comes of it is in the cache for the next call.
	workerLimit = 10 * time.Minute
)

func (s *session) processCommand() *cli.Command {
	return &cli.Command{
		Name:  warm.Command,
		Usage: "print credentials as JSON, for credential_process",
		Description: "Prints the credentials of a profile as the AWS tools take them from a credential_process:\n" +
			"fresh ones from the cache, else new ones by the kept session. It asks nobody, unless the\n" +
			"profile's o365aws_process says that it may. Write into the AWS config file:\n\n" +
			"   [profile work]\n" +
			"   credential_process = o365aws credential-process --profile work\n\n" +
			"Example: o365aws credential-process --profile work",
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "timeout", Value: processLimit, Usage: "give up after this time"},
		},
		Action: s.process,
	}
}

// process answers one call. An error is one line: SDKs show it, and log it.
func (s *session) process(c *cli.Context) error {
	s.oneLine = true
	paths, profile, err := s.profile(c)
	if err != nil {
		return err
	}
	limit := c.Duration("timeout")
	ctx, cancel := context.WithTimeoutCause(c.Context, limit, errTooSlow)
	defer cancel()
	deps := login.Deps{
		Paths: paths, Env: s.Getenv, Environ: s.Environ(), Ask: prompt.New(prompt.Options{NoInput: true, Err: io.Discard}),
		Log: s.logger(), Now: s.Now, Random: s.Random,
	}
	request := login.Request{Profile: profile, MinTTL: warm.MinTTL}
	result, err := login.Credentials(ctx, deps, request)
	if fault.KindOf(err) == fault.NeedsInput && s.mayAsk(profile) {
		if limit > processLimit { // this is the worker
			result, err = s.processAsking(ctx, deps, request)
		} else {
			result, err = s.processByWorker(ctx, deps, request)
		}
	}
	if err != nil {
		return tooSlow(ctx, err)
	}
	return s.writeProcess(result)
}

var errTooSlow = errors.New("too slow")

// tooSlow names the end of the time that a call has.
func tooSlow(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errTooSlow) && errors.Is(err, context.DeadlineExceeded) {
		return fault.New(fault.Network, "no credentials within the time that a program waits", "run o365aws login")
	}
	return err
}

// mayAsk reports whether the profile lets a program's call ask a person, and
// there is one.
func (s *session) mayAsk(p awsconfig.Profile) bool {
	if s.noInput || p.Process != "terminal" && p.Process != "system" {
		return false
	}
	in, out, closeTerminal := s.Terminal()
	if closeTerminal != nil {
		closeTerminal()
	}
	return in != nil && out != nil
}

// processAsking asks the person on the controlling terminal, or in the
// browser of the system.
func (s *session) processAsking(ctx context.Context, deps login.Deps, request login.Request) (login.Result, error) {
	ask, err := s.asker(false)
	if err != nil {
		return login.Result{}, err
	}
	deps.Ask = ask.terminal
	request.Interactive = true
	if request.Profile.Process == "system" {
		request.Profile.Browser = "system"
	}
	return login.Credentials(ctx, deps, request)
}

// processByWorker lets another process do the asking, so that a person may
// take longer than the program waits: the next call finds what came of it.
func (s *session) processByWorker(ctx context.Context, deps login.Deps, request login.Request) (login.Result, error) {
	began := s.Now()
	wait, err := s.Background([]string{warm.Command, "--profile", request.Profile.Name, "--timeout", workerLimit.String()})
	if err != nil {
		return login.Result{}, fault.Wrap(fault.Internal, err, "the sign-in could not be started")
	}
	ended := make(chan struct{})
	go func() { wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
		return login.Result{}, fault.New(fault.NeedsInput, "the sign-in is not finished yet", "finish it; the next call finds the credentials")
	}
	return login.Outcome(deps, request, began)
}

// writeProcess writes the one document in one write.
func (s *session) writeProcess(r login.Result) error {
	c := r.Credentials
	document, err := cache.Document(c.AccessKeyID, c.SecretAccessKey, c.SessionToken, r.Expires)
	if err != nil {
		return err
	}
	_, err = s.Stdout.Write(document)
	return err
}

// warm answers a call whose credentials are fresh, and reports whether it did.
// The program itself has tried by the time it comes here.
func (s *session) warm() bool {
	document, ok := warm.Answer(s.args, s.Getenv, s.UserHome, s.Now())
	if !ok {
		return false
	}
	_, err := s.Stdout.Write(document)
	return err == nil
}
