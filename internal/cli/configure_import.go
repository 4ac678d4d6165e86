package cli

import (
	"cmp"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/configure"
)

func (s *invocation) importCommand() *cli.Command {
	return &cli.Command{
		Name: "import", Usage: "import the settings of another tool",
		Description: "Example: o365aws configure import aws-azure-login",
		Subcommands: []*cli.Command{
			{
				Name: "aws-azure-login", Usage: "check the profiles of aws-azure-login",
				Description: "Lists the profiles of aws-azure-login that work unchanged, and the settings that " +
					"o365aws ignores, with\n" +
					"the reason. --style credential-process makes the AWS tools call o365aws for these " +
					"profiles.\n\n" +
					"Example: o365aws configure import aws-azure-login --style credential-process",
				Flags: append(
					writeFlags("unchanged", "unchanged"),
					&cli.BoolFlag{
						Name: "move-passwords", Usage: "move passwords from the config file to the secret store",
					},
				),
				Action: s.importAzureLogin,
			},
			{
				Name: "saml2aws", Usage: "create profiles from the AzureAD accounts of saml2aws",
				Description: "Reads ~/.saml2aws (or SAML2AWS_CONFIGFILE), which stays unchanged, and writes a " +
					"profile for each\n" +
					"account with the provider AzureAD.\n\n" +
					"Example: o365aws configure import saml2aws --diff",
				Flags: append(
					writeFlags(string(configure.Process), "set by the account"),
					&cli.StringFlag{Name: "file", Usage: "settings file of saml2aws", DefaultText: "~/.saml2aws"},
					&cli.StringFlag{
						Name: "app-id-uri", Usage: "identifier of the AWS application",
						DefaultText: configure.DefaultAppIDURI,
					},
				),
				Action: s.importSaml2aws,
			},
		},
	}
}

func (s *invocation) importAzureLogin(c *cli.Context) error {
	env, err := s.configureEnv(c)
	if err != nil {
		return err
	}
	settings, err := s.settings(c, "")
	if err != nil {
		return err
	}
	settings.Region = common(c, "region") // the environment must not change working profiles
	return configure.ImportAzureLogin(c.Context, env, settings, c.Bool("move-passwords"), writeOptions(c))
}

func (s *invocation) importSaml2aws(c *cli.Context) error {
	env, err := s.configureEnv(c)
	if err != nil {
		return err
	}
	settings, err := s.settings(c, configure.Process)
	if err != nil {
		return err
	}
	home, err := s.UserHome()
	if err != nil {
		return err
	}
	file := cmp.Or(c.String("file"), s.Getenv("SAML2AWS_CONFIGFILE"), filepath.Join(home, ".saml2aws"))
	return configure.ImportSaml2aws(c.Context, env, file, settings, writeOptions(c))
}
