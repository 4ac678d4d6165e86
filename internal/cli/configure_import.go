package cli

import (
	"cmp"
	"context"
	"os"
	"path/filepath"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/configure"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/login"
)

func (s *session) importCommand() *cli.Command {
	return &cli.Command{
		Name: "import", Usage: "take over the settings of another tool", Description: "Example: o365aws configure import aws-azure-login",
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
	paths, err := s.paths()
	if err != nil {
		return err
	}
	config, err := readConfig(paths)
	if err != nil {
		return err
	}
	settings, err := s.settings(c)
	if err != nil {
		return err
	}
	if settings.Style, err = style(c, ""); err != nil { // as it is, unless told otherwise
		return err
	}
	settings.Region = common(c, "region")
	found, err := configure.FromAzureLogin(config, settings, c.Bool("move-passwords"))
	if err != nil {
		return err
	}
	found.Plan.Force = c.Bool("force")
	s.tellImport(found)
	if c.Bool("move-passwords") && !c.Bool("print") && !c.Bool("diff") {
		if err := s.movePasswords(c.Context, paths, found.Passwords); err != nil {
			return err // the file still has them
		}
	}
	if len(found.Plan.Profiles) == 0 {
		return nil
	}
	_, err = s.writePlan(c, paths, found.Plan)
	return err
}

func (s *session) tellImport(found configure.Import) {
	for _, line := range found.Works {
		s.say("%s", termtext.Printable(line, maxMessage))
	}
	for _, i := range found.Ignored {
		s.say("left out: %s", termtext.Printable(i.String(), maxMessage))
	}
}

// movePasswords puts passwords into the stores of their profiles.
func (s *session) movePasswords(ctx context.Context, paths awsconfig.Paths, passwords []configure.Password) error {
	deps, err := s.deps(paths)
	if err != nil {
		return err
	}
	for _, p := range passwords {
		profile, err := awsconfig.Load(paths, s.Getenv, p.Profile, nil)
		if err != nil {
			return err
		}
		if profile.Store == "none" {
			return fault.Newf(fault.Config, "profile %q keeps no secrets (o365aws_store = none)", p.Profile).
				Hint("set o365aws_store to keychain or file")
		}
		if err := login.KeepPassword(ctx, deps, profile, p.Value); err != nil {
			return fault.Wrap(fault.Config, err, "the password is not moved, and the file is as it was",
				"o365aws doctor says whether the keychain works; o365aws_store = file needs none")
		}
		s.say(
			"The password of profile %s is in the %s now.", p.Profile,
			map[string]string{"keychain": "keychain", "file": "encrypted file"}[profile.Store],
		)
	}
	return nil
}

func (s *session) importSaml2aws(c *cli.Context) error {
	paths, err := s.paths()
	if err != nil {
		return err
	}
	home, err := s.UserHome()
	if err != nil {
		return err
	}
	file := cmp.Or(c.String("file"), s.Getenv("SAML2AWS_CONFIGFILE"), filepath.Join(home, ".saml2aws"))
	data, err := os.ReadFile(file)
	if err != nil {
		return fault.Wrap(fault.Config, err, "the settings of saml2aws cannot be read", "pass --file")
	}
	accounts, others, err := configure.Accounts(data)
	for _, i := range others {
		s.say("left out: %s", i)
	}
	if err != nil {
		return err
	}
	settings, err := s.settings(c)
	if err != nil {
		return err
	}
	settings.RegionFor = func(roleARN, cloud string) string { return regionFor(paths, roleARN, cloud) }
	tenants, err := s.tenantsOf(c, accounts)
	if err != nil {
		return err
	}
	found, err := configure.FromSaml2aws(accounts, tenants, settings)
	if err != nil {
		return err
	}
	found.Plan.Force = c.Bool("force")
	s.tellImport(found)
	if _, err = s.writePlan(c, paths, found.Plan); err == nil && !c.Bool("print") && !c.Bool("diff") {
		s.say("Next: o365aws login --profile %s", found.Plan.Profiles[0].Name)
	}
	return err
}

// tenantsOf finds the tenant of each account's user.
func (s *session) tenantsOf(c *cli.Context, accounts []configure.Account) (map[string]entra.Tenant, error) {
	client, err := s.client(c)
	if err != nil {
		return nil, err
	}
	found := map[string]entra.Tenant{}
	for _, a := range accounts {
		email := a.Section.Get("username")
		if _, ok := found[email]; ok {
			continue
		}
		domain, err := configure.CheckEmail(email)
		if err != nil {
			return nil, err
		}
		if found[email], err = entra.FindTenant(c.Context, client, entra.Clouds(), domain, ""); err != nil {
			return nil, err
		}
	}
	return found, nil
}
