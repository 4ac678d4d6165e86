package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/prompt"
)

// The AWS tools call this command whenever they need credentials, in parallel
// and all day. What they expect of it:
// docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html

const processName = "credential-process"

const (
	// processMinTTL leaves a little more than the 15 minutes below which
	// botocore and .NET ask for new credentials at once.
	processMinTTL = 15*time.Minute + 20*time.Second
	// processLimit ends a call before the Go SDK stops listening, which it
	// does after a minute.
	processLimit = 50 * time.Second
	// workerLimit is how long a sign-in that a call has begun may go on after
	// it; what comes of it is in the cache for the next call.
	workerLimit = 10 * time.Minute
)

func (s *session) processCommand() *cli.Command {
	return &cli.Command{
		Name:  processName,
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
	request := login.Request{Profile: profile, MinTTL: processMinTTL}
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
	wait, err := s.Background([]string{processName, "--profile", request.Profile.Name, "--timeout", workerLimit.String()})
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

// processDocument is what the AWS tools read.
type processDocument struct {
	Version         int
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

// writeProcess writes the one document in one write.
func (s *session) writeProcess(r login.Result) error {
	data, err := json.Marshal(processDocument{
		Version: 1, AccessKeyID: r.Credentials.AccessKeyID, SecretAccessKey: r.Credentials.SecretAccessKey.Reveal(),
		SessionToken: r.Credentials.SessionToken.Reveal(), Expiration: r.Expires.UTC().Format(time.RFC3339),
	})
	if err != nil {
		return err
	}
	_, err = s.Stdout.Write(append(data, '\n'))
	return err
}

// warm answers a call whose credentials are fresh, before anything else
// starts: no lock, no keychain, no look into the config file. It reports
// whether it did.
func (s *session) warm() bool {
	name, ok := s.warmProfile()
	if !ok {
		return false
	}
	home, err := s.UserHome()
	if err != nil {
		return false
	}
	paths := awsconfig.ResolvePaths(s.Getenv, home)
	if abs, err := filepath.Abs(paths.Config); err == nil {
		paths.Config = abs
	}
	r, ok := login.Warm(paths, s.Getenv, name, s.Now(), processMinTTL)
	return ok && s.writeProcess(r) == nil
}

// warmProfile reads a command line that is credential-process and names a
// profile at most; any other is for the slow way.
func (s *session) warmProfile() (string, bool) {
	if len(s.args) < 2 || s.args[1] != processName {
		return "", false
	}
	name, ok := profileOnly(s.args[2:])
	if !ok {
		return "", false
	}
	for _, variable := range []string{variableOf("profile"), "AWS_PROFILE"} {
		if name == "" {
			name = s.Getenv(variable)
		}
	}
	if name == "" {
		name = "default"
	}
	return name, true
}
