package cli

import (
	"cmp"
	"fmt"
	"log/slog"
	"runtime"

	"github.com/o365aws/o365aws/internal/openurl"

	"github.com/o365aws/o365aws/internal/network"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/console"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
)

func (s *session) consoleCommand() *cli.Command {
	return &cli.Command{
		Name: "console", Usage: "open the AWS console",
		Description: "Signs your browser in to the AWS console as the role of the profile. A container of Firefox or a\n" +
			"profile of Chrome lets several consoles be open at once.\n\n" +
			"Example: o365aws console --profile work --service s3",
		Flags: append(
			credentialFlags(),
			&cli.StringFlag{Name: "service", Usage: "page of the console, as its address has it, e.g. s3 or ec2"},
			&cli.BoolFlag{
				Name:  "print",
				Usage: "print the address instead of opening it; who has it is signed in, for 15 minutes",
			},
			&cli.StringFlag{
				Name:  "firefox-container",
				Usage: "open in this container of Firefox (with the extension \"Open external links in a container\")",
			},
			&cli.StringFlag{Name: "chrome-profile", Usage: "open in this profile folder of Chrome, e.g. \"Profile 1\""},
		),
		Action: s.console,
	}
}

func (s *session) console(c *cli.Context) error {
	if c.String("firefox-container") != "" && c.String("chrome-profile") != "" {
		return usage("--firefox-container and --chrome-profile cannot both open one address")
	}
	if s.noInput && !c.Bool("print") {
		return fault.New(
			fault.NeedsInput, "the console opens in a browser, and no window may be opened",
			"o365aws console --print prints its address",
			"or run o365aws console without --no-input, and without CI in the environment",
		)
	}
	target := console.Target{Partition: "aws", Region: common(c, "region"), Service: c.String("service")}
	if _, err := console.Destination(target); err != nil {
		return err // before anybody signs in for it
	}
	h, err := s.credentials(c)
	if err != nil {
		return err
	}
	target.Partition, target.Region = cmp.Or(
		h.Role.Partition(), saml.PartitionOf(h.profile.Region).ID,
	), h.profile.Region
	net, err := network.New(s.Getenv, h.profile.CABundle, "")
	if err != nil {
		return err
	}
	address, err := console.URL(c.Context, net.Client, h.Credentials, target)
	if err != nil {
		return err
	}
	if c.Bool("print") {
		_, err := fmt.Fprintln(s.Stdout, address.Reveal())
		return err
	}
	err = openurl.HandOff(
		c.Context, address, s.Random,
		func(url string) (<-chan error, error) { return s.openConsole(c, url, h.env.Log) },
	)
	if err != nil {
		return err
	}
	s.say("The console of %s in account %s opens in your browser.", h.Role.Name(), h.Role.Account())
	return nil
}

// openConsole shows an address in the browser that the flags say, and tells
// when its command fails.
func (s *session) openConsole(c *cli.Context, address string, log *slog.Logger) (failed <-chan error, err error) {
	what, commands := "browser", openurl.Openers(address, s.Getenv)
	if name := c.String("firefox-container"); name != "" {
		what, commands = "Firefox", openurl.InContainer(name, address, runtime.GOOS)
	} else if folder := c.String("chrome-profile"); folder != "" {
		what, commands = "Chrome", openurl.InChromeProfile(folder, address, runtime.GOOS)
	}
	failed, err = openurl.Launch(commands, browser.Scrub(s.Environ()), log)
	if err != nil {
		return nil, fault.Wrap(
			fault.Browser, err, "no "+what+" could be started",
			"o365aws console --print prints the address, to open it yourself",
			"BROWSER names the command that opens addresses",
		)
	}
	return failed, nil
}
