package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func testInvocation(env Env) *invocation { return &invocation{output: output{Env: env}} }

// flagValue runs a command line with stub commands and returns the value of a flag.
func flagValue(args []string, env map[string]string, flag string) (value string, err error) {
	s := testInvocation(Env{
		Getenv: func(name string) string { return env[name] }, Stdout: io.Discard, Stderr: io.Discard,
	})
	app := s.app()
	reached := false
	tell := func(c *cli.Context) error {
		reached = true
		output := map[bool]string{false: "text", true: "json"}[s.json]
		read := map[string]any{ // the commands that read them
			"profile": common(c, "profile"), "region": common(c, "region"), "output": output, "color": s.color,
			"no-input": s.noInput, "verbose": s.verbose, "debug": s.debug,
		}
		value = fmt.Sprint(cmp.Or(read[flag], c.Value(flag)))
		if list, ok := c.Value(flag).(cli.StringSlice); ok {
			value = strings.Join(list.Value(), " ")
		}
		return nil
	}
	eachCommand(app.Commands, nil, func(_ []string, c *cli.Command) { c.Action = tell })
	err = app.Run(args)
	if err == nil && !reached {
		err = errors.New("the command was not reached")
	}
	return value, err
}

// eachCommand calls visit for all commands, with the words of their command line.
func eachCommand(commands []*cli.Command, above []string, visit func(path []string, c *cli.Command)) {
	for _, c := range commands {
		path := append(above[:len(above):len(above)], c.Name)
		visit(path, c)
		eachCommand(c.Subcommands, path, visit)
	}
}

// sample returns two valid values of a flag, and their printed forms.
func sample(t *testing.T, flag cli.Flag) (one, two, readOne, readTwo string) {
	t.Helper()
	switch flag.Names()[0] {
	case "output":
		return "json", "text", "json", "text"
	case "color":
		return "never", "always", "never", "always"
	}
	switch flag.(type) {
	case *cli.StringFlag, *cli.PathFlag:
		return "one", "two", "one", "two"
	case *cli.BoolFlag:
		return "true", "false", "true", "false"
	case *cli.DurationFlag:
		return "17m", "19m", "17m0s", "19m0s"
	case *cli.IntFlag:
		return "17", "19", "17", "19"
	case *cli.StringSliceFlag:
		return "one", "two", "one", "two"
	}
	t.Fatalf("--%s: no sample for a %T", flag.Names()[0], flag)
	return "", "", "", ""
}

// Every flag of every command has an environment variable derived from its name. The flag
// takes precedence, before and after the command.
func TestEveryFlagHasAVariable(t *testing.T) {
	flags := 0
	eachCommand(testInvocation(System()).app().Commands, nil, func(path []string, c *cli.Command) {
		for _, flag := range c.Flags {
			name := flag.Names()[0]
			if name == "help" || c.SkipFlagParsing {
				continue
			}
			flags++
			variable := "O365AWS_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
			one, two, readOne, readTwo := sample(t, flag)
			check := func(what, want string, env map[string]string, args ...string) {
				t.Helper()
				got, err := flagValue(append([]string{"o365aws"}, args...), env, name)
				if err != nil || got != want {
					t.Errorf("%s: %q with %s: got %q and error %v, want %q", what, args, variable, got, err, want)
				}
			}
			set := map[string]string{variable: one}
			check("the variable", readOne, set, path...)
			check("the flag", readTwo, set, append(path[:len(path):len(path)], "--"+name+"="+two)...)
			empty := map[string]string{variable: ""}
			check("an empty variable", readTwo, empty, append(path[:len(path):len(path)], "--"+name+"="+two)...)
			if isCommon(flag) {
				check("the flag before the command", readTwo, set, append([]string{"--" + name + "=" + two}, path...)...)
			}
		}
	})
	if flags < 200 {
		t.Errorf("got %d flags, want at least 200", flags)
	}
}

// CI implies --no-input, unless the flag or its variable is set.
func TestCIIsNonInteractive(t *testing.T) {
	for _, c := range []struct {
		args string
		env  map[string]string
		want string
	}{
		{"o365aws login", map[string]string{}, "false"},
		{"o365aws login", map[string]string{"CI": "true"}, "true"},
		{"o365aws login", map[string]string{"CI": "false"}, "false"},
		{"o365aws login --no-input=false", map[string]string{"CI": "true"}, "false"},
		{"o365aws --no-input=false login", map[string]string{"CI": "1"}, "false"},
		{"o365aws login", map[string]string{"CI": "1", "O365AWS_NO_INPUT": "false"}, "false"},
		{"o365aws login --no-input", map[string]string{"CI": "0"}, "true"},
	} {
		t.Run(fmt.Sprintf("%s %v", c.args, c.env), func(t *testing.T) {
			if got, err := flagValue(strings.Fields(c.args), c.env, "no-input"); got != c.want || err != nil {
				t.Errorf("got %q and error %v, want %q", got, err, c.want)
			}
		})
	}
}
