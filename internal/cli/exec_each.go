package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/subprocess"
	"github.com/o365aws/o365aws/internal/termtext"
)

// eachFlags returns the flags of exec that run a command several times.
func eachFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "each", Usage: "run the command once for every role that --role matches"},
		&cli.BoolFlag{Name: "each-profile", Usage: "run the command once for every o365aws profile"},
		&cli.IntFlag{Name: "parallel", Value: 1, Usage: "with --each: number of commands to run at the same time"},
	}
}

// eachRun is one run of the command.
type eachRun struct {
	name    string // ACCOUNT/ROLE or profile
	assumed assumedRole
	err     error // why there are no credentials, or the error of the command
}

// execEach runs the command once for each role or profile.
func (s *invocation) execEach(c *cli.Context, args []string) error {
	var runs []eachRun
	var err error
	switch {
	case c.Bool("server"):
		return usage("--each and --server cannot be combined")
	case c.String("assume") != "":
		return usage("--each and --assume cannot be combined")
	case c.Int("parallel") < 1:
		return usage("invalid --parallel %d", c.Int("parallel")).Hint("use 1 or more")
	case c.Bool("each-profile") && (c.Bool("each") || c.String("role") != ""):
		return usage("--each-profile cannot be combined with --each or --role").Hint("use one of them")
	case c.Bool("each-profile"):
		runs, err = s.eachProfile(c)
	case c.String("role") == "":
		return usage("--each requires --role").Hint("to run it for all roles: --role '*' --each")
	default:
		runs, err = s.eachRole(c)
	}
	if err != nil {
		return err
	}
	out := eachOutput{invocation: s}
	var group errgroup.Group
	group.SetLimit(c.Int("parallel"))
	for i := range runs {
		group.Go(func() error {
			if runs[i].err == nil && c.Context.Err() == nil {
				runs[i].err = out.run(c.Context, runs[i], args)
			} else if runs[i].err != nil {
				out.notStarted(runs[i])
			}
			return nil // continue the other runs
		})
	}
	_ = group.Wait() // never returns an error
	if c.Context.Err() != nil {
		return c.Context.Err()
	}
	return eachSummary(runs)
}

// eachRole returns a run for each role that --role matches.
func (s *invocation) eachRole(c *cli.Context) ([]eachRun, error) {
	h, err := s.request(c)
	if err != nil {
		return nil, err
	}
	all, err := login.RunEach(c.Context, h.env, h.request)
	var runs []eachRun
	for _, one := range all {
		h.Result = one.Result
		runs = append(runs, eachRun{one.Role.Account() + "/" + one.Role.Name(), h, one.Err})
	}
	return runs, err
}

// eachProfile returns a run for each profile.
func (s *invocation) eachProfile(c *cli.Context) ([]eachRun, error) {
	h, err := s.request(c)
	if err != nil {
		return nil, err
	}
	loaded, err := awsconfig.LoadAll(h.env.Paths, s.Getenv)
	var runs []eachRun
	for _, l := range loaded {
		h.profile, h.request.Profile = l.Profile, l.Profile
		err := l.Err
		if err == nil {
			h.Result, err = login.Credentials(c.Context, h.env, h.request)
		}
		runs = append(runs, eachRun{l.Profile.Name, h, err})
	}
	return runs, err
}

// eachSummary returns an error that names the failed runs.
func eachSummary(runs []eachRun) error {
	var failed []string
	for _, run := range runs {
		if run.err != nil {
			failed = append(failed, run.name)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return fault.Newf(fault.Role, "%d of %d failed: %s", len(failed), len(runs), strings.Join(failed, ", "))
}

// eachOutput writes the output of concurrent commands line by line.
type eachOutput struct {
	*invocation
	mu sync.Mutex
}

// eachDocument is the JSON output for a run.
type eachDocument struct {
	Profile     string   `json:"profile"`
	Account     string   `json:"account"`
	Role        string   `json:"role"`
	RoleARN     string   `json:"role_arn"`
	Policies    []string `json:"session_policies,omitempty"`
	ExitStatus  int      `json:"exit_status"`
	Stdout      string   `json:"stdout"`
	Stderr      string   `json:"stderr"`
	Error       string   `json:"error,omitempty"`
	DurationSec float64  `json:"duration_seconds"`
}

// killAfter is the time that a command has to exit after an interrupt.
const killAfter = 5 * time.Second

// run runs the command for one role or profile.
func (o *eachOutput) run(ctx context.Context, run eachRun, args []string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	unset := slices.Concat(stale, subprocess.Private)
	cmd.Env = subprocess.Environ(o.Environ(), entries(run.assumed.variables()), unset)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = killAfter
	began := o.Now()
	if o.json {
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		return errors.Join(err, o.document(run, began, stdout.String(), stderr.String(), err))
	}
	stdout := &prefixed{output: o, to: o.Stdout, prefix: run.name + ": "}
	stderr := &prefixed{output: o, to: o.Stderr, prefix: run.name + ": "}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err := cmd.Run()
	stdout.end()
	stderr.end()
	if err != nil {
		o.report(run, err)
	}
	return err
}

func (o *eachOutput) notStarted(run eachRun) {
	if o.json {
		_ = o.document(run, o.Now(), "", "", run.err)
		return
	}
	o.report(run, run.err)
}

func (o *eachOutput) report(run eachRun, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sayAfter(run.name+": ", "%s", termtext.Printable(err.Error(), maxMessage))
}

// document writes the JSON output of a run as one line.
func (o *eachOutput) document(run eachRun, began time.Time, stdout, stderr string, err error) error {
	role := run.assumed.Role
	d := eachDocument{
		Profile: run.assumed.profile.Name, Account: role.Account(), Role: role.Name(), RoleARN: role.ARN,
		Policies: sessionPolicies(run.assumed.Policies), Stdout: stdout, Stderr: stderr,
		DurationSec: o.Now().Sub(began).Seconds(),
	}
	if err != nil {
		d.ExitStatus, d.Error = 1, termtext.Printable(err.Error(), maxMessage)
	}
	if ended := (*exec.ExitError)(nil); errors.As(err, &ended) {
		d.ExitStatus = ended.ExitCode()
	}
	line, err := json.Marshal(d)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	_, err = o.Stdout.Write(append(line, '\n'))
	return err
}

// prefixed writes complete lines with a prefix.
type prefixed struct {
	output *eachOutput
	to     io.Writer
	prefix string
	rest   []byte // incomplete last line
}

// Write implements io.Writer.
func (p *prefixed) Write(data []byte) (int, error) {
	p.rest = append(p.rest, data...)
	end := bytes.LastIndexByte(p.rest, '\n') + 1
	if end == 0 {
		return len(data), nil
	}
	var lines []byte
	for line := range bytes.Lines(p.rest[:end]) {
		lines = append(append(lines, p.prefix...), line...)
	}
	p.rest = slices.Clone(p.rest[end:])
	p.output.mu.Lock()
	defer p.output.mu.Unlock()
	_, err := p.to.Write(lines)
	return len(data), err
}

// end writes the incomplete last line.
func (p *prefixed) end() {
	if len(p.rest) > 0 {
		_, _ = p.Write([]byte{'\n'})
	}
}
