// Package cli is the command line: flags in, one call, one answer out. It is
// the only package that knows urfave/cli and the process's streams.
package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/keychain"
)

// Main runs one command line, args[0] being the program, and returns the exit
// code. stdout carries data only; help, messages and errors go to stderr.
func Main(ctx context.Context, env Env, args []string) int {
	args = asWritten(args)
	s := &session{Env: env, args: args, stores: new(keychain.Stores)}
	defer s.close()
	err := s.app().RunContext(ctx, args)
	return s.report(ctx, err)
}

// asWritten reads what people know from git and kubectl: help COMMAND as
// COMMAND --help, and --version as version.
func asWritten(args []string) []string {
	switch {
	case len(args) > 1 && args[1] == "help":
		return slices.Concat(args[:1], args[2:], []string{"--help"})
	case len(args) > 1 && (args[1] == "--version" || args[1] == "-V"):
		return slices.Concat(args[:1], []string{"version"}, args[2:])
	}
	return args
}

// session is one run: the outside and what the common flags say.
type session struct {
	Env
	args           []string
	json, noInput  bool
	verbose, debug bool
	oneLine        bool // an error is one line, and nothing else is said
	color          string
	stores         *keychain.Stores
	closers        []func()
}

func (s *session) close() {
	for _, f := range s.closers {
		f()
	}
}

func (s *session) app() *cli.App {
	ownHelp()
	app := &cli.App{
		Name:     "o365aws",
		Usage:    "AWS credentials from an Office 365 (Microsoft Entra) sign-in",
		Writer:   helpTo{s}, // help is for people; stdout is for data
		HideHelp: false, HideVersion: true, HideHelpCommand: true,
		ErrWriter:      s.Stderr,
		ExitErrHandler: func(*cli.Context, error) {}, // Main decides, after deferred calls
		OnUsageError:   usageError,
		Flags:          commonFlags(),
		Commands:       s.commands(),
		Action:         s.noCommand,
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
		s.configureCommand(),
		s.loginCommand(),
		s.logoutCommand(),
		s.execCommand(),
		s.envCommand(),
		s.consoleCommand(),
		s.rolesCommand(),
		s.statusCommand(),
		s.whoamiCommand(),
		s.doctorCommand(),
		s.processCommand(),
		s.adminCommand(),
		s.completionCommand(),
		s.completeCommand(),
		s.manCommand(),
		s.versionCommand(),
	}
}

// before reads what every command has in common.
func (s *session) before(c *cli.Context) error {
	if err := s.fromEnvironment(c); err != nil {
		return err
	}
	s.noInput = commonBool(c, "no-input", s.inCI())
	s.verbose, s.debug = commonBool(c, "verbose", false), commonBool(c, "debug", false)
	switch output := common(c, "output"); output {
	case "", "text", "json":
		s.json = output == "json"
	default:
		return usage("--output %q is neither text nor json", output)
	}
	switch color := common(c, "color"); color {
	case "", "auto", "always", "never":
		s.color = color
	default:
		return usage("--color %q is none of auto, always, never", color)
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
