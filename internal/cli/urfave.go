package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/termtext"
)

// This file contains workarounds for urfave/cli v2. Each describes the behavior of
// v2.27.7; check them again after an update.

// normalizeArgs turns help COMMAND into COMMAND --help, and --version into the version
// command: urfave's own help command becomes a subcommand of every command, and its
// --version prints another format and uses -v.
func normalizeArgs(args []string) []string {
	switch {
	case len(args) > 1 && args[1] == "help":
		return slices.Concat(args[:1], args[2:], []string{"--help"})
	case len(args) > 1 && (args[1] == "--version" || args[1] == "-V"):
		return slices.Concat(args[:1], []string{"version"}, args[2:])
	}
	return args
}

// applyCommonFlags adds the common flags and handlers to a command and its subcommands:
// v2 has no persistent flags, and commands inherit neither Before nor OnUsageError.
func (s *invocation) applyCommonFlags(command *cli.Command) {
	command.OnUsageError = usageError
	command.Before = s.before
	command.Flags = append(command.Flags, commonFlags()...)
	command.HideHelpCommand = true
	if len(command.Subcommands) > 0 && command.Action == nil {
		command.Action = s.noCommand
	}
	for _, below := range command.Subcommands {
		s.applyCommonFlags(below)
	}
}

// setDefaults gives each unset flag its value from before the command, or else that of
// its environment variable. With EnvVars of v2, the variable would override a common flag
// before the command, an empty variable would set a flag, and error messages would have
// another format.
func (s *invocation) setDefaults(c *cli.Context) error {
	flags := c.App.Flags
	if len(c.Command.Flags) > 0 {
		flags = c.Command.Flags
	}
	above := c.Lineage()[1]
	for _, flag := range flags {
		name := flag.Names()[0]
		if name == "help" || c.IsSet(name) {
			continue
		}
		value := s.Getenv(variableOf(name))
		if isCommon(flag) && above.IsSet(name) {
			value = fmt.Sprint(above.Value(name))
		}
		if value == "" {
			continue
		}
		if err := c.Set(name, value); err != nil {
			return withForm(usage("invalid %s: %q", variableOf(name), value), c, name)
		}
	}
	return nil
}

// variableOf returns the environment variable of a flag.
func variableOf(flag string) string {
	return "O365AWS_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// usageError rewords an error of package flag, which v2 returns as untyped text. Its own
// suggestions (Suggest) go to Writer, not into the error.
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
		near := termtext.Nearest(wrong, names)
		switch instead := azureLoginFlags[wrong]; {
		case instead != "":
			f = f.Hint("instead of this flag of aws-azure-login: %s", instead)
		case near != "":
			f = f.Hint("did you mean --%s?", near)
		}
	} else if flag, ok := strings.CutPrefix(err.Error(), "flag needs an argument: -"); ok {
		f.Msg = dashed(flag) + " requires a value"
	} else if found := invalidValue.FindStringSubmatch(err.Error()); found != nil {
		f.Msg = "invalid " + dashed(found[2]) + " " + found[1]
		f = withForm(f, c, found[2])
	}
	return f.Hint("run %s --help for the flags", strings.TrimSpace(c.App.Name+" "+commandName(c)))
}

// azureLoginFlags holds what to do instead of a flag of aws-azure-login.
// Source: github.com/aws-azure-login/aws-azure-login, src/index.ts
var azureLoginFlags = map[string]string{
	"a": "run o365aws login --all-profiles", "all-profiles": "run o365aws login --all-profiles",
	"f": "run o365aws login --force", "force-refresh": "run o365aws login --force",
	"c": "run o365aws configure", "configure": "run o365aws configure",
	"m": "use --browser headless or visible", "mode": "use --browser headless or visible",
	"no-prompt":                     "omit it; o365aws prompts only for settings that the profile lacks",
	"no-sandbox":                    "set o365aws_browser_args = --no-sandbox in the profile",
	"no-verify-ssl":                 "set AWS_CA_BUNDLE to the CA certificate of your company's proxy",
	"no-disable-extensions":         "use --browser system, which is your own browser",
	"enable-chrome-seamless-sso":    "use --browser system, which is your own browser",
	"enable-chrome-network-service": "omit it; it is not needed",
	"disable-gpu":                   "omit it; it is not needed",
}

// invalidValue matches the error of package flag for an invalid value.
var invalidValue = regexp.MustCompile(`^invalid (?:boolean )?value (".*") for (?:flag )?-([a-z-]+): `)

// withForm adds a hint about the format of a flag's value.
func withForm(f *fault.Error, c *cli.Context, name string) *fault.Error {
	for _, flag := range slices.Concat(c.App.Flags, c.Command.Flags) {
		if !slices.Contains(flag.Names(), name) {
			continue
		}
		switch flag.(type) {
		case *cli.DurationFlag:
			return f.Hint("use a number with a unit, e.g. 45m or 1h")
		case *cli.BoolFlag:
			return f.Hint("use true or false")
		}
	}
	return f
}

// dashed returns a flag with its leading dashes.
func dashed(flag string) string {
	flag = strings.TrimLeft(flag, "-")
	if len(flag) == 1 {
		return "-" + flag
	}
	return "--" + flag
}

// noArguments rejects arguments: v2 passes them to the Action.
func noArguments(c *cli.Context) error {
	if !c.Args().Present() {
		return nil
	}
	word := c.Args().First()
	return usage("%s: unexpected argument %q", commandName(c), word).
		Hint("to select a profile: o365aws %s --profile %s", commandName(c), termtext.ShellWord(word))
}

// noCommand handles a command line without a known command: v2 runs the Action of the
// parent command, which would print help and exit with 0.
func (s *invocation) noCommand(c *cli.Context) error {
	commands, show := c.App.Commands, cli.ShowAppHelp
	if commandName(c) != "" {
		commands, show = c.Command.Subcommands, cli.ShowSubcommandHelp
	}
	word := c.Args().First()
	if word == "" && commandName(c) == "" && len(s.args) > 1 { // flags only; aws-azure-login -p work signs in
		return usage("no command").Hint("to sign in: o365aws login").Hint("to list the commands: o365aws --help")
	}
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
	return f.Hint("run %s --help for the commands", above)
}

// commandName returns the words after o365aws, such as "configure export", or "" for the
// program itself.
func commandName(c *cli.Context) string {
	if c.Command == nil || c.Command.Name == c.App.Name {
		return ""
	}
	return strings.TrimSpace(strings.TrimPrefix(c.Command.HelpName, c.App.Name))
}

// helpWriter is the Writer of the app, through which printHelp finds the invocation.
type helpWriter struct{ *invocation }

// Write implements io.Writer.
func (h helpWriter) Write(p []byte) (int, error) { return h.Stdout.Write(p) }

// printHelp replaces the help printer of v2, whose templates ignore the terminal width
// and repeat the common flags on every page. The package variable is its documented
// extension point.
var printHelp = sync.OnceFunc(func() {
	cli.HelpPrinter = func(w io.Writer, _ string, of any) {
		h, ok := w.(helpWriter)
		if !ok {
			return // only this package uses urfave/cli
		}
		switch c := of.(type) {
		case *cli.App:
			h.mainHelp(c)
		case *cli.Command:
			h.commandHelp(c)
		}
	}
})

// visible returns the documentation of a flag, or false if it is hidden. v2 offers both
// only through type assertions.
func visible(f cli.Flag) (cli.DocGenerationFlag, bool) {
	if v, ok := f.(cli.VisibleFlag); ok && !v.IsVisible() {
		return nil, false
	}
	d, ok := f.(cli.DocGenerationFlag)
	return d, ok
}
