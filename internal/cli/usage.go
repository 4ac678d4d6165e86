package cli

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/fault"
)

// usage is the error of a command line that cannot be meant.
func usage(format string, args ...any) *fault.Error { return fault.Newf(fault.Config, format, args...) }

// usageError turns what the framework says of a command line into advice.
func usageError(c *cli.Context, err error, _ bool) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	f := usage("%s", err.Error())
	if wrong, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		wrong = strings.TrimLeft(wrong, "-")
		f.Msg = "unknown flag --" + wrong
		var names []string
		for _, flag := range append(c.App.Flags, c.Command.Flags...) {
			names = append(names, flag.Names()...)
		}
		if near := termtext.Nearest(wrong, names); near != "" {
			f = f.Hint("did you mean --%s?", near)
		}
	} else if flag, ok := strings.CutPrefix(err.Error(), "flag needs an argument: -"); ok {
		f.Msg = dashed(flag) + " needs a value"
	} else if found := unreadable.FindStringSubmatch(err.Error()); found != nil {
		f.Msg = dashed(found[2]) + " " + found[1] + " cannot be read"
		f = withForm(f, c, found[2])
	}
	return f.Hint("%s --help lists the flags", strings.TrimSpace(c.App.Name+" "+commandName(c)))
}

// unreadable is how package flag says that a value does not fit.
var unreadable = regexp.MustCompile(`^invalid (?:boolean )?value (".*") for (?:flag )?-([a-z-]+): `)

// withForm adds how the value of a flag is written.
func withForm(f *fault.Error, c *cli.Context, name string) *fault.Error {
	flags := c.App.Flags
	if c.Command != nil {
		flags = slices.Concat(flags, c.Command.Flags)
	}
	i := slices.IndexFunc(flags, func(flag cli.Flag) bool { return slices.Contains(flag.Names(), name) })
	if i < 0 {
		return f
	}
	switch flags[i].(type) {
	case *cli.DurationFlag:
		return f.Hint("write a number and its unit, e.g. 45m or 1h")
	case *cli.BoolFlag:
		return f.Hint("it is true or false")
	}
	return f
}

// dashed is a flag as people write it.
func dashed(flag string) string {
	flag = strings.TrimLeft(flag, "-")
	if len(flag) == 1 {
		return "-" + flag
	}
	return "--" + flag
}

// noArguments refuses words that belong to no flag.
func noArguments(c *cli.Context) error {
	if !c.Args().Present() {
		return nil
	}
	return usage("%s takes no arguments: %q is left over", commandName(c), c.Args().First()).
		Hint("a value belongs to its flag, e.g. --profile %s", c.Args().First())
}

// noCommand answers a command line without a command that exists, at the top
// or below a command.
func (s *session) noCommand(c *cli.Context) error {
	commands, show := c.App.Commands, cli.ShowAppHelp
	if commandName(c) != "" {
		commands, show = c.Command.Subcommands, cli.ShowSubcommandHelp
	}
	word := c.Args().First()
	if word == "" {
		return show(c)
	}
	var names []string
	for _, command := range commands {
		names = append(names, command.Name)
	}
	above := strings.TrimSpace(c.App.Name + " " + commandName(c))
	f := usage("unknown command %q", strings.TrimSpace(commandName(c)+" "+word))
	if near := termtext.Nearest(word, names); near != "" {
		f = f.Hint("did you mean %s %s?", above, near)
	}
	return f.Hint("%s --help lists the commands", above)
}

// commandName is what follows o365aws on the command line, as "configure
// export", or "" when that is no command.
func commandName(c *cli.Context) string {
	if c.Command == nil || c.Command.Name == c.App.Name {
		return ""
	}
	return strings.TrimSpace(strings.TrimPrefix(c.Command.HelpName, c.App.Name))
}
