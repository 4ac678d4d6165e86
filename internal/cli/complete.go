package cli

import (
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awspaths"
	"github.com/o365aws/o365aws/internal/completion"
	"github.com/o365aws/o365aws/internal/configure"
	"github.com/o365aws/o365aws/internal/console"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/shell"
	"github.com/o365aws/o365aws/internal/termtext"
)

// completeCommand serves the completion scripts. urfave/cli v2 completes neither flag
// values nor descriptions, and does not support PowerShell. The arguments are the words
// of an incomplete command line, so they must not be parsed as flags.
func (s *invocation) completeCommand() *cli.Command {
	return &cli.Command{
		Name: completion.Name, Hidden: true, SkipFlagParsing: true, ArgsUsage: "WORD...",
		Action: func(c *cli.Context) error {
			_, err := io.WriteString(s.Stdout, completion.Complete(s.commandTable(), c.Args().Slice(), s.values))
			return err
		},
	}
}

// commandTable returns the commands and flags that can be completed.
func (s *invocation) commandTable() completion.Command {
	t := tables{flagValues()}
	return completion.Command{
		Name: "o365aws", Flags: t.flags(commonFlags()), Commands: t.commands(s.commands()),
	}
}

// tables builds the completion tables.
type tables struct{ values map[string][]string }

func (t tables) commands(commands []*cli.Command) []completion.Command {
	var list []completion.Command
	for _, c := range commands {
		if !c.Hidden {
			list = append(list, completion.Command{
				Name: c.Name, Usage: c.Usage, Flags: t.flags(c.Flags), Commands: t.commands(c.Subcommands),
			})
		}
	}
	return list
}

func (t tables) flags(flags []cli.Flag) []completion.Flag {
	var list []completion.Flag
	for _, f := range flags {
		if d, ok := visible(f); ok {
			list = append(list, completion.Flag{
				Names: f.Names(), TakesValue: d.TakesValue(), Values: t.values[f.Names()[0]], Usage: d.GetUsage(),
			})
		}
	}
	return list
}

// flagValues returns the values to complete for flags, by flag name.
func flagValues() map[string][]string {
	return map[string][]string{
		"output": {"text", "json"}, "color": {"auto", "always", "never"},
		"browser": awsconfig.Values("o365aws_browser"),
		"shell":   shell.Names(), "style": {string(configure.Process), string(configure.File)},
		"cloud":   awsconfig.Values("o365aws_cloud"),
		"service": console.Services(), "duration": {"1h", "2h", "4h", "8h", "12h"}, "min-ttl": {"15m", "30m", "1h"},
		"region": regions, "name-template": {configure.DefaultTemplate, "{alias}-{role}"},
		"mfa":     mfaMethods(),
		"sign-in": {"auto", "browser", "device-code", "azure-cli", "environment"}, "only": {"aws", "entra"},
	}
}

// mfaMethods returns the names of the methods that --mfa accepts.
func mfaMethods() []string {
	var names []string
	for _, m := range entra.Methods {
		if !m.Window && !slices.Contains(names, m.Name) {
			names = append(names, m.Name)
		}
	}
	return names
}

// values returns the values of flags that are not in the table.
func (s *invocation) values(flag string, chosen map[string]string) []completion.Candidate {
	paths, err := s.places()
	if err != nil {
		return nil
	}
	var list []completion.Candidate
	switch flag {
	case "profile":
		config, _ := awsconfig.ReadFile(paths.Config) // without it, there are no values
		list = completion.Profiles(config)
	case "role":
		profile := awspaths.Profile(chosen["profile"], s.Getenv)
		list = completion.Roles(awsconfig.Offered(paths, profile), awsconfig.AccountNames(paths))
	}
	for i := range list {
		list[i].About = termtext.Printable(list[i].About, completion.MaxAbout)
	}
	return list
}

// regions lists the most used AWS regions, and those of the other partitions.
var regions = []string{
	"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-central-1", "eu-central-2",
	"eu-north-1", "eu-south-1", "eu-west-1", "eu-west-2", "eu-west-3", "ap-northeast-1", "ap-northeast-2",
	"ap-south-1", "ap-southeast-1", "ap-southeast-2", "af-south-1", "me-central-1", "us-gov-west-1", "us-gov-east-1",
	"cn-north-1", "cn-northwest-1",
}
