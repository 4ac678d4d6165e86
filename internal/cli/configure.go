package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awspaths"
	"github.com/o365aws/o365aws/internal/configure"
	"github.com/o365aws/o365aws/internal/doctor"
	"github.com/o365aws/o365aws/internal/network"
)

func (s *invocation) configureCommand() *cli.Command {
	return &cli.Command{
		Name: "configure", Usage: "create or change profiles, starting from your e-mail address",
		Description: "Finds your tenant by your e-mail address, signs in once, and writes a profile for the role " +
			"you choose,\n" +
			"or one for each role and a default. If the device is signed in to Entra (identity broker on Linux), it\n" +
			"offers those accounts instead of asking for an address. Existing content is preserved byte for byte;\n" +
			"the command is idempotent.\n\n" +
			"Example: o365aws configure --email ada@contoso.com --profile work\n" +
			"         o365aws configure --all-roles --name-template '{alias}-{role}' --diff",
		Flags: append(
			writeFlags(string(configure.Process), "set by the role"),
			&cli.StringFlag{Name: "email", Usage: "e-mail address that you sign in to Office 365 with"},
			&cli.StringFlag{
				Name: "tenant", Usage: "GUID or domain of the tenant",
				DefaultText: "found by e-mail address",
			},
			&cli.StringFlag{
				Name:  "url",
				Usage: "link of the AWS tile on myapps.microsoft.com, which contains the tenant and the application",
			},
			&cli.StringFlag{
				Name: "app-id-uri", Usage: "identifier of the AWS application",
				DefaultText: configure.DefaultAppIDURI,
			},
			&cli.StringFlag{
				Name: "cloud", Usage: "Microsoft cloud: global, usgov or china",
				DefaultText: "found by e-mail address",
			},
			&cli.StringSliceFlag{
				Name:  "login-host",
				Usage: "additional host that may receive the password, e.g. an AD FS server; repeatable",
			},
			&cli.StringFlag{Name: "role", Usage: "role of the profile: ARN, name, account/name, or a pattern"},
			&cli.BoolFlag{Name: "all-roles", Usage: "write a profile for each role; --profile becomes their base"},
			&cli.StringFlag{
				Name: "name-template", Value: configure.DefaultTemplate,
				Usage: "template for profile names, with {account}, {alias}, {role} and {path}",
			},
			&cli.BoolFlag{Name: "no-sign-in", Usage: "write the profile without signing in"},
			browserFlag(),
			&cli.StringFlag{
				Name: "from", Usage: "import exported profiles from a file or an https URL",
			},
			&cli.BoolFlag{Name: "yes", Usage: "with --from: write new profiles without confirmation"},
			&cli.BoolFlag{Name: "overwrite", Usage: "with --from and --yes: also change existing profiles"},
		),
		Action: s.configure,
		Subcommands: []*cli.Command{
			s.importCommand(),
			s.exportCommand(),
		},
	}
}

// writeFlags returns the flags of the commands that write profiles. style and lasting are
// the defaults of --style and --duration.
func writeFlags(style, lasting string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "style",
			Usage: "how the AWS tools get credentials: credential-process (they call o365aws) or file " +
				"(o365aws login writes the credentials file)",
			DefaultText: style,
		},
		&cli.DurationFlag{Name: "duration", Usage: "lifetime of credentials, 15m to 12h", DefaultText: lasting},
		&cli.BoolFlag{Name: "print", Usage: "print the profiles instead of writing them"},
		&cli.BoolFlag{Name: "diff", Usage: "print the changes to the AWS files instead of writing them"},
		&cli.BoolFlag{Name: "force", Usage: "also change profiles that get their credentials from another source"},
	}
}

// settings returns the values of the flags that all commands which write profiles share.
func (s *invocation) settings(c *cli.Context, defaultStyle configure.Style) (configure.Settings, error) {
	style := cmp.Or(configure.Style(c.String("style")), defaultStyle)
	if style != "" && style != configure.Process && style != configure.File {
		return configure.Settings{}, usage("invalid --style %q", style).
			Hint("use %s or %s", configure.Process, configure.File)
	}
	if err := s.checkBrowser(c); err != nil {
		return configure.Settings{}, err
	}
	executable, err := s.Executable()
	if err != nil {
		return configure.Settings{}, err
	}
	lasting, err := duration(c)
	if err != nil {
		return configure.Settings{}, err
	}
	region := common(c, "region")
	return configure.Settings{
		AppIDURI: c.String("app-id-uri"), Cloud: c.String("cloud"), Browser: c.String("browser"),
		LoginHosts: c.StringSlice("login-host"), Duration: lasting, Style: style,
		Region:    cmp.Or(region, s.Getenv("AWS_REGION"), s.Getenv("AWS_DEFAULT_REGION")),
		SetRegion: region != "", ProcessCommand: configure.ProcessCommand(executable, runtime.GOOS),
	}, nil
}

// writeOptions returns the values of the flags in writeFlags.
func writeOptions(c *cli.Context) configure.Options {
	return configure.Options{
		Print: c.Bool("print"), Diff: c.Bool("diff"), Force: c.Bool("force"), Overwrite: c.Bool("overwrite"),
	}
}

// configureEnv returns the dependencies of package configure.
func (s *invocation) configureEnv(c *cli.Context) (configure.Env, error) {
	paths, err := s.paths()
	if err != nil {
		return configure.Env{}, err
	}
	client, err := s.client(c)
	if err != nil {
		return configure.Env{}, err
	}
	ask := s.asker()
	return configure.Env{
		Paths: paths, Getenv: s.Getenv, Client: client, Stdout: s.Stdout,
		Login: s.loginEnvWith(paths, ask.terminal, ask.password), Prompt: ask.terminal,
		CheckApplication: func(ctx context.Context, p awsconfig.Profile) error {
			return doctor.CheckApplication(ctx, client, p, s.Now(), s.Random)
		},
		Say:     func(format string, args ...any) { s.say("%s", s.tilde(fmt.Sprintf(format, args...))) },
		SayLine: s.sayAsIs,
	}, nil
}

// client returns an HTTP client configured like that of a login with the command's
// profile. The profile need not exist.
func (s *invocation) client(c *cli.Context) (*http.Client, error) {
	bundle := s.Getenv("AWS_CA_BUNDLE")
	if bundle == "" {
		paths, err := s.places()
		if err != nil {
			return nil, err
		}
		config, err := awsconfig.ReadFile(paths.Config)
		if err != nil {
			return nil, err
		}
		bundle = configure.Section(config, awspaths.Profile(common(c, "profile"), s.Getenv)).Get("ca_bundle")
	}
	net, err := network.New(s.Getenv, bundle, "")
	return net.Client, err
}

func (s *invocation) configure(c *cli.Context) error {
	if c.Args().Present() {
		return s.noCommand(c)
	}
	env, err := s.configureEnv(c)
	if err != nil {
		return err
	}
	settings, err := s.settings(c, configure.Process)
	if err != nil {
		return err
	}
	if from := c.String("from"); from != "" {
		settings.Username = c.String("email")
		return configure.ImportShared(c.Context, env, from, settings, c.Bool("yes"), writeOptions(c))
	}
	return configure.Run(c.Context, env, configure.Request{
		Options: writeOptions(c), Settings: settings, Profile: awspaths.Profile(common(c, "profile"), s.Getenv),
		Email: c.String("email"), Tenant: c.String("tenant"), AccessURL: c.String("url"), Role: c.String("role"),
		AllRoles: c.Bool("all-roles"), NameTemplate: c.String("name-template"), NoSignIn: c.Bool("no-sign-in"),
	})
}

// hasNoProfiles reports whether the user is at a terminal and has no o365aws profile yet.
func (s *invocation) hasNoProfiles() bool {
	paths, err := s.paths()
	if err != nil || s.noInput {
		return false
	}
	all, err := awsconfig.LoadAll(paths, s.Getenv)
	if err != nil || len(all) > 0 {
		return false
	}
	return s.atTerminal()
}

// configureFirst runs configure instead of a login without any profile.
func (s *invocation) configureFirst(c *cli.Context) error {
	s.say("No o365aws profile found; running o365aws configure first.")
	args := []string{"o365aws", "configure"}
	for _, flag := range []string{"profile", "region", "role", "browser"} {
		if value := common(c, flag); value != "" {
			args = append(args, "--"+flag, value)
		}
	}
	return s.app().RunContext(c.Context, args)
}

func (s *invocation) exportCommand() *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "print profiles to share with your team",
		Description: "Prints all o365aws profiles, or those of --profile (several: a,b), with their bases. " +
			"Leaves out everything\n" +
			"personal and everything that could harm a recipient: user names, commands, paths and hosts.\n\n" +
			"Example: o365aws configure export > team.ini",
		Action: s.export,
	}
}

func (s *invocation) export(c *cli.Context) error {
	paths, err := s.paths()
	if err != nil {
		return err
	}
	config, err := awsconfig.ReadFile(paths.Config)
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
