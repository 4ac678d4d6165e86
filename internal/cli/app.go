// Package cli is the command line: flags in, one call, one answer out. It is
// the only package that knows urfave/cli and the process's streams.
package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/pattern"
)

// Main runs one command line, args[0] being the program, and returns the exit
// code. stdout carries data only; help, messages and errors go to stderr.
func Main(ctx context.Context, env Env, args []string) int {
	args = helpWanted(args)
	s := &session{Env: env, args: args}
	if s.warm() {
		return 0
	}
	if code, done := s.quick(ctx); done {
		return code
	}
	defer s.close()
	err := s.app().RunContext(ctx, args)
	return s.report(ctx, err)
}

// helpWanted reads "help COMMAND", which people know from git and kubectl, as
// COMMAND --help.
func helpWanted(args []string) []string {
	if len(args) < 2 || args[1] != "help" {
		return args
	}
	return slices.Concat(args[:1], args[2:], []string{"--help"})
}

// session is one run: the outside and what the common flags say.
type session struct {
	Env
	args           []string
	json, noInput  bool
	verbose, debug bool
	oneLine        bool // an error is one line, and nothing else is said
	color          string
	closers        []func()
}

func (s *session) close() {
	for _, f := range s.closers {
		f()
	}
}

func (s *session) app() *cli.App {
	app := &cli.App{
		Name:     "o365aws",
		Usage:    "AWS credentials from an Office 365 (Microsoft Entra) sign-in",
		Writer:   s.Stderr, // help is for people; stdout is for data
		HideHelp: false, HideVersion: true, HideHelpCommand: true,
		ErrWriter:             s.Stderr,
		ExitErrHandler:        func(*cli.Context, error) {}, // Main decides, after deferred calls
		OnUsageError:          usageError,
		Flags:                 commonFlags(),
		Commands:              s.commands(),
		Action:                s.noCommand,
		CustomAppHelpTemplate: cli.AppHelpTemplate + exitStatus(),
	}
	app.Before = s.before
	for _, command := range app.Commands {
		s.furnish(command)
	}
	return app
}

// furnish gives a command, and those below it, what all of them have.
func (s *session) furnish(command *cli.Command) {
	command.OnUsageError = usageError
	command.Before = s.before
	command.Flags = append(command.Flags, commonFlags()...)
	command.HideHelpCommand = true
	for _, flag := range command.Flags {
		if b, ok := flag.(*cli.BoolFlag); ok {
			b.DisableDefaultText = true
		}
	}
	template := cli.CommandHelpTemplate
	if len(command.Subcommands) > 0 {
		template = cli.SubcommandHelpTemplate
	}
	var example string
	command.Description, example = cutExample(command.Description)
	command.CustomHelpTemplate = template + example + exitStatus()
	if len(command.Subcommands) == 0 {
		return
	}
	if command.Action == nil {
		command.Action = s.noCommand
	}
	for _, below := range command.Subcommands {
		s.furnish(below)
	}
}

// commands lists every command, in the order of the help text.
func (s *session) commands() []*cli.Command {
	return []*cli.Command{
		s.loginCommand(),
		s.processCommand(),
		s.configureCommand(),
		s.logoutCommand(),
		s.execCommand(),
		s.envCommand(),
		s.consoleCommand(),
		s.rolesCommand(),
		s.statusCommand(),
		s.whoamiCommand(),
		s.adminCommand(),
		s.doctorCommand(),
		s.completionCommand(),
		s.manCommand(),
		s.versionCommand(),
	}
}

// commonFlags may stand before or after the command.
func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "profile", Aliases: []string{"p"}, Usage: "profile of the AWS config file (default: AWS_PROFILE, else default)"},
		&cli.StringFlag{Name: "region", Usage: "AWS region"},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "text or json", DefaultText: "text"},
		&cli.BoolFlag{Name: "no-input", Usage: "never ask anything"},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "say what is being done"},
		&cli.BoolFlag{Name: "debug", Usage: "say everything but secrets"},
		&cli.StringFlag{Name: "color", Usage: "auto, always or never", DefaultText: "auto"},
	}
}

// before reads what every command has in common.
func (s *session) before(c *cli.Context) error {
	if err := s.fromEnvironment(c); err != nil {
		return err
	}
	s.noInput = s.noInput || c.Bool("no-input") || s.inCI()
	s.verbose = s.verbose || c.Bool("verbose")
	s.debug = s.debug || c.Bool("debug")
	switch output := c.String("output"); output {
	case "", "text":
	case "json":
		s.json = true
	default:
		return fault.Newf(fault.Config, "--output %q is neither text nor json", output)
	}
	switch color := c.String("color"); color {
	case "":
	case "auto", "always", "never":
		s.color = color
	default:
		return fault.Newf(fault.Config, "--color %q is none of auto, always, never", color)
	}
	if commandName(c) == "" || len(c.Command.Subcommands) > 0 || c.Command.ArgsUsage != "" {
		return nil // a word that is left over is the Action's to judge
	}
	return noArguments(c)
}

// inCI reports whether a build service runs us, where nobody can be asked.
func (s *session) inCI() bool {
	value := strings.ToLower(s.Getenv("CI"))
	return value != "" && value != "false" && value != "0"
}

// noArguments refuses words that belong to no flag.
func noArguments(c *cli.Context) error {
	if !c.Args().Present() {
		return nil
	}
	return fault.Newf(fault.Config, "%s takes no arguments: %q is left over", commandName(c), c.Args().First()).
		Hint("a value belongs to its flag, e.g. --profile %s", c.Args().First())
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
			return fault.Newf(fault.Config, "%s: %q cannot be read", variableOf(name), value)
		}
	}
	return nil
}

// variableOf names the environment variable of a flag.
func variableOf(flag string) string {
	return "O365AWS_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func isSet(c *cli.Context, flag cli.Flag) bool {
	for _, name := range flag.Names() {
		if c.IsSet(name) {
			return true
		}
	}
	return false
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

func usageError(c *cli.Context, err error, _ bool) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	f := fault.New(fault.Config, err.Error())
	if wrong, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		wrong = strings.TrimLeft(wrong, "-")
		f.Msg = "unknown flag --" + wrong
		var names []string
		for _, flag := range append(c.App.Flags, c.Command.Flags...) {
			names = append(names, flag.Names()...)
		}
		if near := awsconfig.Nearest(wrong, names); near != "" {
			f = f.Hint("did you mean --%s?", near)
		}
	} else if flag, ok := strings.CutPrefix(err.Error(), "flag needs an argument: -"); ok {
		f.Msg = dashed(flag) + " needs a value"
	} else if found := unreadable.FindStringSubmatch(err.Error()); found != nil {
		f.Msg = dashed(found[2]) + " " + found[1] + " cannot be read"
	}
	return f.Hint("%s --help lists the flags", strings.TrimSpace(c.App.Name+" "+commandName(c)))
}

// unreadable is how package flag says that a value does not fit.
var unreadable = pattern.New(`^invalid (?:boolean )?value (".*") for (?:flag )?-([a-z-]+): `)

// dashed is a flag as people write it.
func dashed(flag string) string {
	flag = strings.TrimLeft(flag, "-")
	if len(flag) == 1 {
		return "-" + flag
	}
	return "--" + flag
}

// commandName is what follows o365aws on the command line, as "configure
// export", or "" when that is no command.
func commandName(c *cli.Context) string {
	if c.Command == nil || c.Command.Name == c.App.Name {
		return ""
	}
	return strings.TrimSpace(strings.TrimPrefix(c.Command.HelpName, c.App.Name))
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
	f := fault.Newf(fault.Config, "unknown command %q", strings.TrimSpace(commandName(c)+" "+word))
	if near := awsconfig.Nearest(word, names); near != "" {
		f = f.Hint("did you mean %s %s?", above, near)
	}
	return f.Hint("%s --help lists the commands", above)
}

// cutExample takes the last paragraph off a description when it is an example:
// help ends with it.
func cutExample(description string) (text, example string) {
	const word = "\n\nExample: "
	i := strings.LastIndex(description, word)
	if i < 0 {
		return description, ""
	}
	lines := strings.Split(description[i+len(word):], "\n")
	for j := range lines {
		lines[j] = "   " + strings.TrimSpace(lines[j])
	}
	return description[:i], "\nEXAMPLE:\n" + strings.Join(lines, "\n") + "\n"
}

// exitStatus is the paragraph on exit codes that ends every help text.
func exitStatus() string {
	var b strings.Builder
	b.WriteString("\nEXIT STATUS:\n   0    ok\n")
	for _, row := range fault.Table {
		fmt.Fprintf(&b, "   %-5d%s\n", int(row.Kind), row.Meaning)
	}
	return b.String()
}
