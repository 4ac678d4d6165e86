package cli

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/sts"
)

func (s *invocation) whoamiCommand() *cli.Command {
	return &cli.Command{
		Name: "whoami", Usage: "ask AWS STS which identity the credentials belong to",
		Description: "Calls GetCallerIdentity with the credentials of the profile, and never starts a sign-in.\n\n" +
			"Example: o365aws whoami --profile work",
		Flags:  []cli.Flag{&cli.StringFlag{Name: "role", Usage: "use the cached credentials of this role"}},
		Action: s.whoami,
	}
}

func (s *invocation) whoami(c *cli.Context) error {
	paths, profile, err := s.profile(c)
	if err != nil {
		return err
	}
	env := s.loginEnv(paths)
	r, err := login.Credentials(
		c.Context, env, login.Request{Profile: profile, Role: c.String("role"), MinTTL: time.Minute, AnyPolicies: true},
	)
	if err != nil {
		return err
	}
	account, arn, err := login.Identity(c.Context, env, profile, r.Credentials)
	if err != nil {
		return err
	}
	if s.json {
		return s.data(struct {
			Profile  string   `json:"profile"`
			Account  string   `json:"account"`
			ARN      string   `json:"arn"`
			Policies []string `json:"session_policies,omitempty"`
			Expires  string   `json:"expires"`
		}{profile.Name, account, arn, sessionPolicies(r.Policies), r.Expires.UTC().Format(time.RFC3339)})
	}
	if r.Policies != "" {
		s.say("The session is narrowed by session policies: %s.", sts.DescribePolicies(r.Policies))
	}
	_, err = fmt.Fprintln(s.Stdout, arn)
	return err
}
