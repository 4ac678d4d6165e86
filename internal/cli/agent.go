package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/fastpath"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/sts"
	"github.com/o365aws/o365aws/internal/subprocess"
	"github.com/o365aws/o365aws/internal/termtext"
)

// agentFlags returns the flags of exec for coding agents and other autonomous programs.
func agentFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{
			Name:  "agent",
			Usage: "run a coding agent: read-only sessions of 15 minutes from a local server, which are logged",
		},
		&cli.BoolFlag{
			Name:  "allow-write",
			Usage: "with --agent: after a confirmation, sessions with all permissions of the role",
		},
	}
}

// agentPolicies returns the session policies for a command that may run as an agent:
// those of the command line or the profile, or else read-only if the profile requires it
// for agents.
func (s *invocation) agentPolicies(p awsconfig.Profile, policies sts.Policies) sts.Policies {
	if _, agent := fastpath.Agent(s.Getenv); agent && p.Agent == "read-only" && policies.IsZero() && len(p.PolicyARNs) == 0 {
		return sts.Policies{ReadOnly: true}
	}
	return policies
}

// hintAgent shows how to restrict the sessions of an agent.
func (s *invocation) hintAgent(h assumedRole) {
	if name, agent := fastpath.Agent(s.Getenv); agent && h.profile.Agent == "" && h.Policies == "" {
		s.say(
			"%s is running this command. To give it read-only sessions, set o365aws_agent = read-only in the profile.",
			name,
		)
	}
}

// execAgent runs an agent. Its sessions are short and read-only, and it gets credentials
// only from a local server.
func (s *invocation) execAgent(c *cli.Context, args []string) error {
	switch {
	case c.Bool("server") || c.Bool("each") || c.Bool("each-profile"):
		return usage("--agent cannot be combined with --server or --each")
	case c.Duration("duration") != 0:
		return usage("--agent cannot be combined with --duration: its sessions last 15 minutes")
	}
	h, err := s.request(c)
	if err != nil {
		return err
	}
	readOnly := !c.Bool("allow-write") && h.request.Policies.IsZero()
	if readOnly && len(h.profile.PolicyARNs) > 0 {
		return usage("--agent cannot narrow a profile with o365aws_policy_arns to read-only: session policies add up").
			Hint("pass the policies of the agent with --policy-arn")
	}
	if c.Bool("allow-write") {
		if err := s.confirmWrite(c.Context, h, args); err != nil {
			return err
		}
	} else if readOnly {
		h.request.Policies = sts.Policies{ReadOnly: true}
	}
	h.request.Private = true
	h.request.Profile.Duration = sts.MinDuration
	if h.Result, err = login.Credentials(c.Context, h.env, h.request); err != nil {
		return err
	}
	log := agentLog{invocation: s, path: filepath.Join(h.env.Paths.Home, "agent.log"), held: h, program: args[0]}
	if err := log.add(h.Result.Credentials); err != nil {
		return err
	}
	fetch := s.fetcher(h)
	first := h.Result.Credentials
	command := subprocess.Command{Args: args, Stdin: s.Stdin, Stdout: s.Stdout, Stderr: s.Stderr}
	return s.serveFrom(c.Context, h, command, func(ctx context.Context, minTTL time.Duration) (awscreds.Credentials, error) {
		if first.AccessKeyID != "" { // the credentials obtained above
			creds := first
			first = awscreds.Credentials{}
			return creds, nil
		}
		creds, err := fetch(ctx, minTTL)
		if err == nil {
			err = log.add(creds)
		}
		return creds, err
	})
}

// confirmWrite returns an error unless the user allows the agent to change resources.
func (s *invocation) confirmWrite(ctx context.Context, h assumedRole, args []string) error {
	if !s.atTerminal() || s.noInput {
		return fault.New(
			fault.NeedsInput, "--allow-write requires a confirmation in a terminal",
			"run the command without --allow-write",
		)
	}
	yes, err := h.env.Prompter.Confirm(ctx, fmt.Sprintf(
		"Let %s change resources with all permissions of the role (profile %s)?",
		termtext.Printable(args[0], 100), termtext.Printable(h.profile.Name, 100),
	))
	if err == nil && !yes {
		err = fault.New(fault.NeedsInput, "not confirmed", "run the command without --allow-write")
	}
	return err
}

// agentLog is the append-only log of agent sessions.
type agentLog struct {
	*invocation
	path    string
	held    assumedRole
	program string
}

// add appends a line for a session. A session that cannot be logged must not be used.
func (l agentLog) add(creds awscreds.Credentials) error {
	line, err := json.Marshal(struct {
		Time     string   `json:"time"`
		Profile  string   `json:"profile"`
		RoleARN  string   `json:"role_arn"`
		Session  string   `json:"session_arn"`
		Policies []string `json:"session_policies"`
		Expires  string   `json:"expires"`
		Program  string   `json:"program"`
		PID      int      `json:"pid"`
	}{
		l.Now().UTC().Format(time.RFC3339), l.held.profile.Name, l.held.Role.ARN, creds.AssumedRoleARN,
		slices.Concat([]string{}, sessionPolicies(l.held.Policies)), creds.Expires.UTC().Format(time.RFC3339),
		l.program, os.Getpid(),
	})
	if err == nil {
		err = appendLine(l.path, line)
	}
	if err != nil {
		return fault.Wrap(
			fault.Config, err, "cannot log the session of the agent", "make "+filepath.Dir(l.path)+" writable",
		)
	}
	return nil
}

// appendLine appends a line to a file in a single write, so that concurrent writes do not
// interleave.
func appendLine(path string, line []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}
