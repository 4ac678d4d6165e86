package cli

import (
	"slices"
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

// common returns the value of a common flag.
func common(c *cli.Context, name string) string { return c.String(name) }
