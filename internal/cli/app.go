// Package cli is the command line: flags in, one call, one answer out. It is
// the only package that knows urfave/cli and the process's streams.
package cli

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/coredump"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/keychain"
)

// Main runs one command line, args[0] being the program, and returns the exit
// code. stdout carries data only, which includes help that was asked for; messages
// and errors go to stderr.
func Main(ctx context.Context, env Env, args []string) int {
	coredump.Disable()
	args = normalizeArgs(args)
	s := &session{Env: env, args: args, stores: new(keychain.Stores)}
	defer s.close()
	err := s.app().RunContext(ctx, args)
	return s.report(ctx, err)
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
	printHelp()
	app := &cli.App{
		Name:        "o365aws",
		Usage:       "AWS credentials from an Office 365 (Microsoft Entra) sign-in",
		Writer:      helpWriter{s},
		HideVersion: true, HideHelpCommand: true,
		ErrWriter:      s.Stderr,
		ExitErrHandler: func(*cli.Context, error) {}, // Main decides, after deferred calls
		OnUsageError:   usageError,
		Flags:          commonFlags(),
		Commands:       s.commands(),
		Action:         s.noCommand,
	}
	app.Before = s.before
	for _, command := range app.Commands {
		s.applyCommonFlags(command)
	}
	return app
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
	if err := s.setDefaults(c); err != nil {
		return err
	}
	s.noInput = c.Bool("no-input") || !c.IsSet("no-input") && s.inCI()
	s.verbose, s.debug = c.Bool("verbose"), c.Bool("debug")
	switch output := c.String("output"); output {
	case "", "text", "json":
		s.json = output == "json"
	default:
		return usage("--output %q is neither text nor json", output)
	}
	switch color := c.String("color"); color {
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

// usage returns the error of an invalid command line.
func usage(format string, args ...any) *fault.Error { return fault.Newf(fault.Config, format, args...) }

// inCI reports whether a build service runs us, where nobody can be asked.
func (s *session) inCI() bool {
	value := strings.ToLower(s.Getenv("CI"))
	return value != "" && value != "false" && value != "0"
}
