package cli

import (
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awspaths"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/shell"
)

func (s *invocation) shellCommand() *cli.Command {
	var below []*cli.Command
	lines := ""
	for _, sh := range shell.WithFunction {
		below = append(below, s.shellOf(sh))
		lines += "   " + string(sh) + strings.Repeat(" ", 12-len(sh)) + sh.Eval("o365aws shell "+string(sh)) + "\n"
	}
	return &cli.Command{
		Name: "shell", Usage: "print the shell function for o365aws use",
		Description: "With this function, o365aws use changes the profile of the shell that you type it in. Add the " +
			"line for\nyour shell to its startup file:\n\n" + lines + "\n" +
			"Example: eval \"$(o365aws shell bash)\"",
		Subcommands: below,
	}
}

func (s *invocation) shellOf(sh shell.Shell) *cli.Command {
	return &cli.Command{
		Name:        string(sh),
		Usage:       "print the function for " + string(sh),
		Description: "Example: o365aws shell " + string(sh) + " --prompt",
		Flags:       []cli.Flag{&cli.BoolFlag{Name: "prompt", Usage: "also show the profile in the shell prompt"}},
		Action: func(c *cli.Context) error {
			text := sh.Function()
			if c.Bool("prompt") {
				text += sh.PromptFunction()
			}
			_, err := io.WriteString(s.Stdout, text)
			return err
		},
	}
}

func (s *invocation) useCommand() *cli.Command {
	return &cli.Command{
		Name: "use", Usage: "sign in and use a profile or role in this shell",
		Description: "Signs in if necessary and sets AWS_PROFILE in this shell; with --role it sets the credentials of " +
			"that role.\nWithout flags, you choose the profile from a list. Requires the function of o365aws " +
			"shell.\n\n" +
			"Example: eval \"$(o365aws shell bash)\" && o365aws use --profile work",
		Flags: append(credentialFlags(),
			&cli.StringFlag{Name: "shell", Usage: "shell to print commands for; set by the shell function"},
			&cli.BoolFlag{Name: "unset", Usage: "remove the profile and the credentials from this shell"},
		),
		Action: s.use,
	}
}

// use prints commands for the shell function to evaluate.
func (s *invocation) use(c *cli.Context) error {
	sh, ok := shell.ByName(c.String("shell"))
	if !ok {
		sh = shell.Detect(s.Getenv, runtime.GOOS)
	}
	switch {
	case !ok || prompt.IsTerminal(s.Stdout):
		return usage("o365aws use requires a shell function").
			Hint("define it in this shell: %s", sh.Eval("o365aws shell "+string(sh)))
	case c.Bool("unset"):
		return s.printEnv(sh, slices.Concat(written, stale), nil)
	case c.String("role") != "":
		assumed, err := s.credentials(c)
		if err != nil {
			return err
		}
		s.sayUsing(assumed.profile.Name, assumed.Result)
		return s.printEnv(sh, stale, assumed.variables())
	}
	name, err := s.chooseProfile(c)
	if err != nil {
		return err
	}
	if err := c.Set("profile", name); err != nil {
		return err
	}
	paths, profile, err := s.profile(c)
	if err != nil {
		return err
	}
	env := s.loginEnv(paths)
	result, err := login.Run(c.Context, env, login.Request{Profile: profile, MinTTL: c.Duration("min-ttl")})
	if err != nil {
		return err
	}
	s.sayUsing(name, result)
	unset := slices.DeleteFunc(slices.Concat(written, stale), func(name string) bool { return name == varSelected })
	return s.printEnv(sh, unset, []variable{{varSelected, name}})
}

// varSelected is the variable that selects the profile of a shell.
const varSelected = "AWS_PROFILE"

// chooseProfile returns the profile of --profile, or prompts if there are several.
func (s *invocation) chooseProfile(c *cli.Context) (string, error) {
	if name := common(c, "profile"); name != "" {
		return name, nil
	}
	paths, err := s.paths()
	if err != nil {
		return "", err
	}
	all, err := s.loadProfiles(paths, "")
	if err != nil {
		return "", err
	}
	ask := s.asker()
	names := awsconfig.AccountNames(paths)
	var choices []entra.Choice
	var profiles []string
	for _, l := range all {
		if l.Err != nil {
			continue
		}
		label := l.Profile.Name
		if role := (saml.Role{ARN: l.Profile.RoleARN}); role.ARN != "" {
			label += "  " + role.Name() + "  " + role.Account() + " " + names[role.Account()]
		}
		choices, profiles = append(choices, entra.Choice{Label: label, Value: l.Profile.Name}), append(profiles, l.Profile.Name)
	}
	if len(profiles) < 2 {
		return awspaths.Profile("", s.Getenv), nil
	}
	i, err := ask.terminal.Choose(c.Context, "Profile", choices)
	if err != nil {
		return "", err
	}
	return profiles[i], nil
}

func (s *invocation) sayUsing(profile string, r login.Result) {
	s.say("Using profile %s: role %s in account %s until %s.", profile, r.Role.Name(), r.Role.Account(),
		r.Expires.Local().Format("15:04"))
}
