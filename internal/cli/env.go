package cli

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/shell"
	"github.com/o365aws/o365aws/internal/termtext"
)

func (s *invocation) envCommand() *cli.Command {
	return &cli.Command{
		Name: "env", Usage: "print shell commands that export credentials",
		Description: "Prints commands that set the credentials as environment variables of a shell. To run them:\n\n" +
			evals() +
			"\nExample: eval \"$(o365aws env --profile work)\"",
		Flags: append(credentialFlags(),
			&cli.StringFlag{Name: "shell", Usage: strings.Join(shell.Names(), ", ") + " (default: your shell)"},
			&cli.BoolFlag{Name: "unset", Usage: "print the commands that remove the credentials"},
		),
		Action: s.env,
	}
}

func evals() string {
	var b strings.Builder
	for _, sh := range shell.All {
		fmt.Fprintf(&b, "   %-12s%s\n", sh, sh.Eval("o365aws env --shell "+string(sh)))
	}
	return b.String()
}

func (s *invocation) env(c *cli.Context) error {
	sh := shell.Detect(s.Getenv, runtime.GOOS)
	if name := c.String("shell"); name != "" {
		var ok bool
		if sh, ok = shell.ByName(name); !ok {
			f := usage("unknown --shell %q", name).Hint("use one of %s", strings.Join(shell.Names(), ", "))
			if near := termtext.Nearest(name, shell.Names()); near != "" {
				f = f.Hint("did you mean %s?", near)
			}
			return f
		}
	}
	unset, set := stale, []variable(nil)
	if c.Bool("unset") {
		unset = written
	} else {
		assumed, err := s.credentials(c)
		if err != nil {
			return err
		}
		s.hintAgent(assumed)
		set = assumed.variables()
	}
	return s.printEnv(sh, unset, set)
}

// printEnv writes all lines in a single write, or none, because a partial environment
// would mix two identities.
func (s *invocation) printEnv(sh shell.Shell, unset []string, set []variable) error {
	var lines []string
	for _, name := range slices.Sorted(slices.Values(unset)) {
		line, err := sh.Unset(name)
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	for _, v := range set {
		line, err := sh.Set(v.name, v.value)
		if err != nil {
			return fault.Wrap(fault.Config, err, "cannot set the credentials in "+string(sh))
		}
		lines = append(lines, line)
	}
	_, err := io.WriteString(s.Stdout, strings.Join(lines, "\n")+"\n")
	return err
}
