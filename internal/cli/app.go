// Package cli implements the command line. A command parses its flags, builds a request,
// makes a call and renders the result. Only this package imports urfave/cli and uses the
// standard streams.
package cli

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/coredump"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/report"
)

// Main runs a command line, where args[0] is the program, and returns the exit code.
// stdout receives only data, including requested help; messages and errors go to stderr.
func Main(ctx context.Context, env Env, args []string) int {
	coredump.Disable()
	args = normalizeArgs(args)
	s := &invocation{output: output{Env: env}, args: args, stores: new(keychain.Stores)}
	defer s.close()
	waiting := ctx
	if stderr, ok := env.Stderr.(*os.File); ok && prompt.IsTerminal(stderr) {
		s.progress = prompt.NewProgress(stderr, env.Getenv("TERM") == "dumb")
		waiting = progress.With(ctx, s.progress)
	}
	err := s.app().RunContext(waiting, args)
	s.json = s.json || jsonRequested(args)
	s.oneLine = s.oneLine || processRequested(args)
	s.saveTrail(ctx, err)
	return s.report(ctx, err)
}

// invocation is a run of the program: its environment and the common flags.
type invocation struct {
	output
	args           []string
	noInput        bool
	jsonFlag       bool // --output json was given on the command line
	verbose, debug bool
	command        string // name of the command, without the program
	stores         *keychain.Stores
	trail          *report.Recorder // nil until the command signs in or calls an API
	closers        []func()
}

func (s *invocation) close() {
	for _, f := range s.closers {
		f()
	}
}

func (s *invocation) app() *cli.App {
	printHelp()
	app := &cli.App{
		Name:        "o365aws",
		Usage:       "temporary AWS credentials from an Office 365 (Microsoft Entra) sign-in",
		Writer:      helpWriter{s},
		HideVersion: true, HideHelpCommand: true,
		ErrWriter:      s.messages(),
		ExitErrHandler: func(*cli.Context, error) {}, // Main reports the error after deferred calls
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

// commands lists every command in the order of the help text.
func (s *invocation) commands() []*cli.Command {
	return []*cli.Command{
		s.configureCommand(),
		s.loginCommand(),
		s.logoutCommand(),
		s.execCommand(),
		s.envCommand(),
		s.useCommand(),
		s.consoleCommand(),
		s.rolesCommand(),
		s.statusCommand(),
		s.whoamiCommand(),
		s.doctorCommand(),
		s.reportCommand(),
		s.processCommand(),
		s.adminCommand(),
		s.sshCommand(),
		s.completionCommand(),
		s.shellCommand(),
		s.completeCommand(),
		s.manCommand(),
		s.versionCommand(),
	}
}

// before processes the common flags.
func (s *invocation) before(c *cli.Context) error {
	s.command = commandName(c)
	s.jsonFlag = s.jsonFlag || c.IsSet("output") && c.String("output") == "json"
	if s.jsonFlag && printsNoJSON(c) {
		s.json = true // reports the error as JSON
		return usage("%s has no JSON output", commandName(c)).Hint("remove --output json")
	}
	if err := s.setDefaults(c); err != nil {
		return err
	}
	s.noInput = c.Bool("no-input") || !c.IsSet("no-input") && s.inCI()
	s.verbose, s.debug = c.Bool("verbose"), c.Bool("debug")
	switch output := c.String("output"); output {
	case "", "text", "json":
		s.json = output == "json"
	default:
		return usage("invalid --output %q", output).Hint("use text or json")
	}
	switch color := c.String("color"); color {
	case "", "auto", "always", "never":
		s.color = color
		s.progress.SetColor(s.painted(s.Stderr).on)
	default:
		return usage("invalid --color %q", color).Hint("use auto, always or never")
	}
	if commandName(c) == "" || len(c.Command.Subcommands) > 0 || c.Command.ArgsUsage != "" {
		return nil // the Action checks its arguments
	}
	return noArguments(c)
}

// usage returns the error for an invalid command line.
func usage(format string, args ...any) *fault.Error { return fault.Newf(fault.Config, format, args...) }

// printsNoJSON reports whether a command rejects --output json, because its output is a
// script or a file, or comes from another program. It ignores O365AWS_OUTPUT.
func printsNoJSON(c *cli.Context) bool {
	name, _, _ := strings.Cut(commandName(c), " ")
	if c.Bool("each") || c.Bool("each-profile") {
		return false // exec prints one JSON line per run
	}
	return slices.Contains([]string{"completion", "configure", "env", "exec", "man", "shell", "use"}, name)
}

// inCI reports whether the program runs in CI, where it must not prompt.
func (s *invocation) inCI() bool {
	value := strings.ToLower(s.Getenv("CI"))
	return value != "" && value != "false" && value != "0"
}
