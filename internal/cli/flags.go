package cli

import (
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// commonFlags may stand before or after the command.
func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "profile", Aliases: []string{"p"},
			Usage: "profile of the AWS config file (default: AWS_PROFILE, else default)",
		},
		&cli.StringFlag{Name: "region", Usage: "AWS region"},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "text or json", DefaultText: "text"},
		&cli.BoolFlag{Name: "no-input", Usage: "never ask anything"},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "say what is being done"},
		&cli.BoolFlag{Name: "debug", Usage: "say everything but secrets"},
		&cli.StringFlag{Name: "color", Usage: "auto, always or never", DefaultText: "auto"},
	}
}

// isCommon reports whether a flag is one that every command has.
func isCommon(flag cli.Flag) bool {
	name := flag.Names()[0]
	return name == "help" || slices.ContainsFunc(commonFlags(), func(f cli.Flag) bool { return f.Names()[0] == name })
}

// roleFlag chooses the role whose credentials a command wants.
func roleFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "role", Usage: "role to assume: its ARN, name, account/name, or a pattern with * that fits one",
	}
}

// browserFlag chooses the browser that signs in.
func browserFlag() cli.Flag {
	return &cli.StringFlag{Name: "browser", Usage: "headless, visible or system"}
}

// duration reads --duration, 0 when it is not given.
func duration(c *cli.Context) (time.Duration, error) {
	asked := c.Duration("duration")
	if asked != 0 && (asked < 15*time.Minute || asked > 12*time.Hour) {
		return 0, usage("--duration %s is not between 15m and 12h", asked)
	}
	return asked, nil
}

// fromEnvironment gives each flag that is not on the command line the value
// of its variable: O365AWS_ and the flag's name. An empty variable is unset.
func (s *session) fromEnvironment(c *cli.Context) error {
	flags := c.App.Flags
	if c.Command != nil && len(c.Command.Flags) > 0 {
		flags = c.Command.Flags
	}
	for _, flag := range flags {
		name := flag.Names()[0]
		value := s.Getenv(variableOf(name))
		if name == "help" || value == "" || isSet(c, flag) {
			continue
		}
		if err := c.Set(name, value); err != nil {
			return withForm(usage("%s: %q cannot be read", variableOf(name), value), c, name)
		}
	}
	return nil
}

// variableOf names the environment variable of a flag.
func variableOf(flag string) string {
	return "O365AWS_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// isSet reports whether a flag has a value already. A common one may have it
// from before the command: a variable is never stronger than what somebody has
// written.
func isSet(c *cli.Context, flag cli.Flag) bool {
	where := []*cli.Context{c}
	if isCommon(flag) {
		where = c.Lineage()
	}
	return slices.ContainsFunc(
		where, func(context *cli.Context) bool { return slices.ContainsFunc(flag.Names(), context.IsSet) },
	)
}

// commonBool returns a common switch, as it stands nearest to the command.
func commonBool(c *cli.Context, name string, otherwise bool) bool {
	for _, context := range c.Lineage() {
		if context.IsSet(name) {
			return context.Bool(name)
		}
	}
	return otherwise
}

// common returns a common flag's value, wherever it stands.
func common(c *cli.Context, name string) string {
	for _, context := range c.Lineage() {
		if value := context.String(name); value != "" {
			return value
		}
	}
	return ""
}
