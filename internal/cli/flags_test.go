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

// asked runs a command line whose commands do nothing but tell what a flag is,
// and returns that.
func asked(args []string, env map[string]string, flag string) (value string, err error) {
	s := &session{
		Env:  Env{Getenv: func(name string) string { return env[name] }, Stdout: io.Discard, Stderr: io.Discard},
		args: args,
	}
	app := s.app()
	reached := false
	tell := func(c *cli.Context) error {
		reached = true
		output := map[bool]string{false: "text", true: "json"}[s.json]
		read := map[string]any{ // where commands read those from
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

// eachCommand visits all commands, with the words that lead to them.
func eachCommand(commands []*cli.Command, above []string, visit func(path []string, c *cli.Command)) {
	for _, c := range commands {
		path := append(above[:len(above):len(above)], c.Name)
		visit(path, c)
		eachCommand(c.Subcommands, path, visit)
	}
}

// sample are two values that a flag may have, and how they read.
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
	t.Fatalf("%s is a %T: what may it be?", flag.Names()[0], flag)
	return "", "", "", ""
}

// Every flag of every command has a variable of its name, which is weaker than
// the flag, wherever that stands.
func TestEveryFlagHasAVariable(t *testing.T) {
	flags := 0
	eachCommand((&session{Env: System()}).app().Commands, nil, func(path []string, c *cli.Command) {
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
				got, err := asked(append([]string{"o365aws"}, args...), env, name)
				if err != nil || got != want {
					t.Errorf("%s: %q with %s: %q, want %q, %v", what, args, variable, got, want, err)
				}
			}
			set := map[string]string{variable: one}
			check("the variable", readOne, set, path...)
			check("the flag", readTwo, set, append(path[:len(path):len(path)], "--"+name+"="+two)...)
			check(
				"an empty variable",
				readTwo,
				map[string]string{variable: ""},
				append(path[:len(path):len(path)], "--"+name+"="+two)...)
			if isCommon(flag) {
				check(
					"the flag before the command",
					readTwo,
					set,
					append([]string{"--" + name + "=" + two}, path...)...)
			}
		}
	})
	if flags < 200 {
		t.Errorf("only %d flags were looked at", flags)
	}
}

// A build service is one where nobody can be asked, unless somebody says
// otherwise.
func TestCIAsksNobody(t *testing.T) {
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
		if got, err := asked(strings.Fields(c.args), c.env, "no-input"); got != c.want || err != nil {
			t.Errorf("%s, %v: %s, %v", c.args, c.env, got, err)
		}
	}
}
