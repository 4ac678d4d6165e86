package cli

import (
	"cmp"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/termtext"
)

func (s *invocation) logoutCommand() *cli.Command {
	return &cli.Command{
		Name:  "logout",
		Usage: "delete credentials, saved session and secrets",
		Description: "Deletes the credentials of a profile from the cache and the AWS credentials file, and the " +
			"session\n" +
			"and password of its user from the secret store. Credentials that a program has already read\n" +
			"remain valid until they expire; only an administrator can revoke them, in IAM.\n\n" +
			"Example: o365aws logout --profile work",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "delete the data of all profiles, and the remembered roles"},
		},
		Action: s.logout,
	}
}

func (s *invocation) logout(c *cli.Context) error {
	paths, profile, err := s.logoutProfile(c)
	if err != nil {
		return err
	}
	env := s.loginEnv(paths)
	var removed []string
	if c.Bool("all") {
		removed, err = login.LogoutAll(c.Context, env)
	} else {
		removed, err = login.Logout(c.Context, env, profile)
	}
	if s.json {
		return cmp.Or(err, s.data(struct {
			Removed []string `json:"removed"`
		}{slices.Concat([]string{}, removed)}))
	}
	for _, what := range removed {
		s.say("Removed %s.", termtext.Printable(what, maxMessage))
	}
	if err == nil && len(removed) == 0 {
		s.say("Nothing to remove.")
	}
	return err
}

// logoutProfile loads the profile, which is not needed with --all.
func (s *invocation) logoutProfile(c *cli.Context) (awsconfig.Paths, awsconfig.Profile, error) {
	if !c.Bool("all") {
		return s.profile(c)
	}
	paths, err := s.paths()
	return paths, awsconfig.Profile{}, err
}
