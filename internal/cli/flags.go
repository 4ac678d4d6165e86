package cli

import (
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
)

// commonFlags returns the flags that every command has. They may appear before or after
// the command.
func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "profile", Aliases: []string{"p"},
			Usage: "profile in the AWS config file (default: AWS_PROFILE, or default)",
		},
		&cli.StringFlag{Name: "region", Usage: "AWS region"},
		&cli.StringFlag{
			Name: "output", Aliases: []string{"o"}, Usage: "output format: text or json",
			DefaultText: "text",
		},
		&cli.BoolFlag{Name: "no-input", Usage: "never prompt; fail if input is required"},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "verbose output"},
		&cli.BoolFlag{Name: "debug", Usage: "debug output, secrets redacted"},
		&cli.StringFlag{Name: "color", Usage: "colored output: auto, always or never", DefaultText: "auto"},
	}
}

// isCommon reports whether a flag is one of commonFlags.
func isCommon(flag cli.Flag) bool {
	name := flag.Names()[0]
	return name == "help" || slices.ContainsFunc(commonFlags(), func(f cli.Flag) bool { return f.Names()[0] == name })
}

// roleFlag selects the role to assume.
func roleFlag() cli.Flag {
	return &cli.StringFlag{
		Name:  "role",
		Usage: "role to assume: ARN, name, account/name (number or alias), or a pattern with * that matches one role",
	}
}

// browserFlag selects the browser for the sign-in.
func browserFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "browser", Usage: "browser to sign in with: headless, visible, system or none (HTTP first)",
	}
}

// checkBrowser returns an error for an unknown --browser or O365AWS_BROWSER.
func (s *invocation) checkBrowser(c *cli.Context) error {
	value, name := c.String("browser"), "--browser"
	values := awsconfig.Values("o365aws_browser")
	if value == "" || slices.Contains(values, value) {
		return nil
	}
	if s.Getenv(variableOf("browser")) == value {
		name = variableOf("browser")
	}
	return usage("invalid %s %q", name, value).Hint("use one of %s", strings.Join(values, ", "))
}

// duration returns the value of --duration, or 0 if it is not set.
func duration(c *cli.Context) (time.Duration, error) {
	asked := c.Duration("duration")
	if asked != 0 && (asked < 15*time.Minute || asked > 12*time.Hour) {
		return 0, usage("invalid --duration %s", asked).Hint("use 15m to 12h")
	}
	return asked, nil
}

// common returns the value of a common flag.
func common(c *cli.Context, name string) string { return c.String(name) }
