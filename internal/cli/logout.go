package cli

import (
	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/login"
)

func (s *session) logoutCommand() *cli.Command {
	return &cli.Command{
		Name:  "logout",
		Usage: "forget credentials, session and secrets",
		Description: "Removes the credentials of a profile from the cache and from the AWS credentials file, and the\n" +
			"session and password of its user from the keychain. Credentials that a program has already\n" +
			"taken stay good until they run out: AWS knows no way to end them here.\n\n" +
			"Example: o365aws logout --profile work",
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "of every profile, and what is known of roles"}},
		Action: s.logout,
	}
}

func (s *session) logout(c *cli.Context) error {
	paths, profile, err := s.logoutProfile(c)
	if err != nil {
		return err
	}
	env, err := s.loginEnv(paths)
	if err != nil {
		return err
	}
	var removed []string
	if c.Bool("all") {
		removed, err = login.LogoutAll(c.Context, env)
	} else {
		removed, err = login.Logout(c.Context, env, profile)
	}
	for _, what := range removed {
		s.say("Removed %s.", termtext.Printable(what, maxMessage))
	}
	if err == nil && len(removed) == 0 {
		s.say("There was nothing to remove.")
	}
	return err
}

// logoutProfile reads the profile. To forget everything takes none.
func (s *session) logoutProfile(c *cli.Context) (awsconfig.Paths, awsconfig.Profile, error) {
	if !c.Bool("all") {
		return s.profile(c)
	}
	paths, err := s.paths()
	return paths, awsconfig.Profile{}, err
}
