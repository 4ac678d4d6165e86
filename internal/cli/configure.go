package cli

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/configure"
)

func (s *session) configureCommand() *cli.Command {
	return &cli.Command{
		Name: "configure", Usage: "create or change profiles, from your e-mail address",
		Description: "Finds your tenant by your e-mail address, signs in once, and writes a profile for the role that you\n" +
			"choose, or one for each role. What is there already stays, byte for byte; doing it twice changes nothing.\n\n" +
			"Example: o365aws configure --email ada@contoso.com --profile work\n" +
			"         o365aws configure --all-roles --name-template '{alias}-{role}' --diff",
		Flags: append(
			writeFlags(string(configure.Process), "as the role says"),
			&cli.StringFlag{Name: "email", Usage: "the address that you sign in to Office 365 with"},
			&cli.StringFlag{
				Name: "tenant", Usage: "GUID or domain of the tenant",
				DefaultText: "found by the e-mail address",
			},
			&cli.StringFlag{
				Name:  "url",
				Usage: "link of the AWS tile on myapps.microsoft.com, which names tenant and application",
			},
			&cli.StringFlag{
				Name: "app-id-uri", Usage: "identifier of the AWS application",
				DefaultText: "that of the gallery: " + configure.DefaultAppIDURI,
			},
			&cli.StringFlag{Name: "cloud", Usage: "global, usgov or china", DefaultText: "found by the e-mail address"},
			&cli.StringSliceFlag{
				Name:  "login-host",
				Usage: "host besides Microsoft's that may be given the password, e.g. an AD FS server; may be given several times",
			},
			&cli.StringFlag{Name: "role", Usage: "role of the profile: its ARN, name, account/name, or a pattern"},
			&cli.BoolFlag{Name: "all-roles", Usage: "write a profile for each role; --profile is their base"},
			&cli.StringFlag{
				Name: "name-template", Value: configure.DefaultTemplate,
				Usage: "names of the roles' profiles, of {account}, {alias}, {role} and {path}",
			},
			&cli.BoolFlag{Name: "no-sign-in", Usage: "write what is known, without signing in"},
			browserFlag(),
			&cli.StringFlag{
				Name: "from", Usage: "take over profiles that somebody exported: a file or an https address",
			},
			&cli.BoolFlag{Name: "yes", Usage: "with --from: write without asking"},
		),
		Action: s.configure,
		Subcommands: []*cli.Command{
			s.importCommand(),
			s.exportCommand(),
		},
	}
}

// writeFlags are those of the commands that write profiles, with what holds
// when a style or a duration is not given.
func writeFlags(style, lasting string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name:        "style",
			Usage:       "how AWS's tools get credentials: credential-process (they call o365aws) or file (o365aws login writes the credentials file)",
			DefaultText: style,
		},
		&cli.DurationFlag{Name: "duration", Usage: "how long credentials last, 15m to 12h", DefaultText: lasting},
		&cli.BoolFlag{Name: "print", Usage: "print the profiles, and write nothing"},
		&cli.BoolFlag{Name: "diff", Usage: "print how the config file would change, and write nothing"},
		&cli.BoolFlag{Name: "force", Usage: "also change profiles that get their credentials elsewhere"},
	}
}

// style reads --style.
func style(c *cli.Context, otherwise configure.Style) (configure.Style, error) {
	switch given := configure.Style(c.String("style")); given {
	case "":
		return otherwise, nil
	case configure.Process, configure.File:
		return given, nil
	default:
		return "", usage("--style %q is neither %s nor %s", string(given), configure.Process, configure.File)
	}
}

func (s *session) configure(c *cli.Context) error {
	if c.Args().Present() {
		return s.noCommand(c)
	}
	if c.String("from") != "" {
		return s.configureFrom(c)
	}
	w, err := s.wizard(c)
	if err != nil {
		return err
	}
	if err := w.find(c.Context); err != nil {
		return err
	}
	if err := w.signIn(c.Context); err != nil {
		return err
	}
	if err := w.makePlan(c.Context); err != nil {
		return err
	}
	if written, err := s.writePlan(c, w.paths, w.plan); err != nil || !written {
		return err
	}
	return w.finish(c.Context)
}

// newcomer reports whether somebody at a terminal has no profile of ours yet.
func (s *session) newcomer() bool {
	paths, err := s.paths()
	if err != nil || s.noInput {
		return false
	}
	all, err := awsconfig.LoadAll(paths, s.Getenv)
	if err != nil || len(all) > 0 {
		return false
	}
	in, out, closeTerminal := s.Terminal()
	if closeTerminal != nil {
		defer closeTerminal()
	}
	return in != nil && out != nil
}

// configureFirst leads who has nothing yet from login to configure.
func (s *session) configureFirst(c *cli.Context) error {
	s.say("No profile of o365aws is there yet, so this begins with o365aws configure.")
	args := []string{"o365aws", "configure"}
	for _, flag := range []string{"profile", "region", "role", "browser"} {
		if value := common(c, flag); value != "" {
			args = append(args, "--"+flag, value)
		}
	}
	return s.app().RunContext(c.Context, args)
}

func (s *session) exportCommand() *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "print profiles for others to take over",
		Description: "Prints the profiles of o365aws, or those of --profile (several: a,b) with their bases, without anything\n" +
			"that is yours alone or that could harm who takes them over: no user name, no command, no path, no host.\n\n" +
			"Example: o365aws configure export > team.ini",
		Action: s.export,
	}
}

func (s *session) export(c *cli.Context) error {
	paths, err := s.paths()
	if err != nil {
		return err
	}
	config, err := readConfig(paths)
	if err != nil {
		return err
	}
	var names []string
	if name := common(c, "profile"); name != "" {
		names = strings.Split(name, ",")
	}
	exported, err := configure.Export(config, names)
	if err != nil {
		return err
	}
	_, err = s.Stdout.Write(exported)
	return err
}
