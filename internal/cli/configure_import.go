package cli

import (
	"cmp"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/configure"
)

func (s *session) importCommand() *cli.Command {
	return &cli.Command{
		Name: "import", Usage: "take over the settings of another tool",
		Description: "Example: o365aws configure import aws-azure-login",
		Subcommands: []*cli.Command{
			{
				Name: "aws-azure-login", Usage: "look through the profiles of aws-azure-login",
				Description: "Its settings are ours: says what works as it is, what is left out and why. --style makes AWS's tools\n" +
					"call o365aws for these profiles from now on.\n\n" +
					"Example: o365aws configure import aws-azure-login --style credential-process",
				Flags: append(
					writeFlags("as it is", "as it is"),
					&cli.BoolFlag{
						Name: "move-passwords", Usage: "put passwords that stand there in clear into the keychain",
					},
				),
				Action: s.importAzureLogin,
			},
			{
				Name: "saml2aws", Usage: "make profiles of the AzureAD accounts of saml2aws",
				Description: "Reads ~/.saml2aws (or SAML2AWS_CONFIGFILE) and writes a profile for each account that signs in by\n" +
					"AzureAD. That file stays as it is.\n\n" +
					"Example: o365aws configure import saml2aws --diff",
				Flags: append(
					writeFlags(string(configure.Process), "as the account says"),
					&cli.StringFlag{Name: "file", Usage: "the file of saml2aws", DefaultText: "~/.saml2aws"},
					&cli.StringFlag{
						Name: "app-id-uri", Usage: "identifier of the AWS application",
						DefaultText: "that of the gallery",
					},
				),
				Action: s.importSaml2aws,
			},
		},
	}
}

func (s *session) importAzureLogin(c *cli.Context) error {
	env, err := s.configureEnv(c)
	if err != nil {
		return err
	}
	settings, err := s.settings(c, "")
	if err != nil {
		return err
	}
	settings.Region = common(c, "region") // the environment does not change profiles that work
	return configure.ImportAzureLogin(c.Context, env, settings, c.Bool("move-passwords"), writeOptions(c))
}

func (s *session) importSaml2aws(c *cli.Context) error {
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
