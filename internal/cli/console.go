package cli

import (
	"cmp"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/console"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/openurl"
	"github.com/o365aws/o365aws/internal/progress"
	"github.com/o365aws/o365aws/internal/saml"
)

func (s *invocation) consoleCommand() *cli.Command {
	return &cli.Command{
		Name: "console", Usage: "open the AWS console",
		Description: "Signs your browser in to the AWS console with the role of the profile. Other sessions stay\n" +
			"open if you turn on multi-session support in the menu of the console (up to five), or if you use a\n" +
			"Firefox container or a Chrome profile.\n\n" +
			"Example: o365aws console --profile work --service s3",
		Flags: append(
			credentialFlags(),
			&cli.StringFlag{Name: "service", Usage: "console page to open, as in its URL, e.g. s3 or ec2"},
			&cli.BoolFlag{
				Name:  "print",
				Usage: "print the sign-in URL instead of opening it; anyone who has it can sign in for 15 minutes",
			},
			&cli.StringFlag{
				Name: "firefox-container",
				Usage: "Firefox container to open it in (requires the extension \"Open external links in a " +
					"container\")",
			},
			&cli.StringFlag{Name: "chrome-profile", Usage: "Chrome profile folder to open it in, e.g. \"Profile 1\""},
		),
		Action: s.console,
	}
}

func (s *invocation) console(c *cli.Context) error {
	if c.String("firefox-container") != "" && c.String("chrome-profile") != "" {
		return usage("--firefox-container and --chrome-profile cannot be combined").Hint("use one of them")
	}
	if s.noInput && !c.Bool("print") {
		return fault.New(
			fault.NeedsInput, "cannot open a browser in non-interactive mode",
			"to print the sign-in URL: o365aws console --print",
			"or run o365aws console without --no-input, and without CI in the environment",
		)
	}
	target := console.Target{Partition: "aws", Region: common(c, "region"), Service: c.String("service")}
	if _, err := console.Destination(target); err != nil {
		return err // before the sign-in
	}
	assumed, err := s.credentials(c)
	if err != nil {
		return err
	}
	target.Partition, target.Region = cmp.Or(
		assumed.Role.Partition(), saml.PartitionOf(assumed.profile.Region).ID,
	), assumed.profile.Region
	net, err := network.New(s.Getenv, assumed.profile.CABundle, "")
	if err != nil {
		return err
	}
	done := progress.Step(c.Context, "Requesting a sign-in URL from AWS")
	address, err := console.URL(c.Context, net.Client, assumed.Credentials, target)
	done()
	if err != nil {
		return err
	}
	if c.Bool("print") && s.json {
		return s.data(struct {
			URL string `json:"url"`
		}{address.Reveal()})
	}
	if c.Bool("print") {
		_, err := fmt.Fprintln(s.Stdout, address.Reveal())
		return err
	}
	done = progress.Step(c.Context, "Waiting for the browser"+progress.Keys+"Ctrl-C: stop")
	var late *time.Timer
	err = openurl.HandOff(c.Context, address, s.Random, func(url string) (<-chan error, error) {
		late = time.AfterFunc(browserPatience, func() {
			s.say("No browser has opened the console yet. Open this address on this machine: %s", url)
		})
		return s.openConsole(c, url, assumed.env.Log)
	})
	if late != nil {
		late.Stop()
	}
	done()
	if err != nil {
		return err
	}
	if s.json {
		return s.data(struct {
			RoleARN string `json:"role_arn"`
			Account string `json:"account"`
		}{assumed.Role.ARN, assumed.Role.Account()})
	}
	s.say("Opening the AWS console as %s in account %s in your browser.", narrowed(assumed.Role.Name(), assumed.Policies), assumed.Role.Account())
	return nil
}

// browserPatience is the delay after which the address is shown to the user.
const browserPatience = 10 * time.Second

// openConsole opens an address in the browser selected by the flags. The channel receives
// an error if the browser command fails.
func (s *invocation) openConsole(c *cli.Context, address string, log *slog.Logger) (failed <-chan error, err error) {
	what, commands := "a browser", openurl.Openers(address, s.Getenv)
	if name := c.String("firefox-container"); name != "" {
		what, commands = "Firefox", openurl.InContainer(name, address, runtime.GOOS)
	} else if folder := c.String("chrome-profile"); folder != "" {
		what, commands = "Chrome", openurl.InChromeProfile(folder, address, runtime.GOOS)
	}
	failed, err = openurl.Launch(commands, browser.Scrub(s.Environ()), log)
	if err != nil {
		return nil, fault.Wrap(
			fault.Browser, err, "cannot start "+what,
			"to open the sign-in URL yourself: o365aws console --print",
			"set BROWSER to the command that opens URLs",
		)
	}
	return failed, nil
}
