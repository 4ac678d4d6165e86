package cli

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/broker"
	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/doctor"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/login"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/prompt"
	"github.com/o365aws/o365aws/internal/termtext"
)

func (s *invocation) doctorCommand() *cli.Command {
	return &cli.Command{
		Name: "doctor", Usage: "diagnose problems and suggest fixes",
		Description: "Checks files, environment, browser, device, secret store, proxy, clock, Microsoft sign-in and\n" +
			"AWS STS, for all profiles or that of --profile. It does not sign in and changes nothing. The exit\n" +
			"status is 9 if it finds a problem.\n\n" +
			"Example: o365aws doctor",
		Action: s.doctor,
	}
}

func (s *invocation) doctor(c *cli.Context) error {
	paths, err := s.places()
	if err != nil {
		return err
	}
	found, err := s.diagnose(c, paths)
	if err != nil {
		return err
	}
	problems := 0
	for _, f := range found {
		if f.Status == doctor.Fail {
			problems++
		}
	}
	err = s.showDoctor(found, problems)
	if err == nil && problems > 0 {
		return silent // the output has shown the findings
	}
	return err
}

// diagnose runs the checks for all profiles, or for that of --profile.
func (s *invocation) diagnose(c *cli.Context, paths awsconfig.Paths) ([]doctor.Finding, error) {
	profiles, unread, err := s.examined(paths, common(c, "profile"))
	if err != nil {
		return nil, err
	}
	env := s.loginEnv(paths)
	w := doctor.World{
		Paths: paths, Env: s.Getenv, Environ: s.Environ(), GOOS: runtime.GOOS, Now: s.Now, Random: s.Random,
		Log: env.Log, Profiles: profiles, Unread: unread,
		StoreKind: func(p awsconfig.Profile) string { return s.stores.Kind(p.Store) },
		TryStore: func(ctx context.Context, p awsconfig.Profile) error {
			id := env.Identity(p)
			id.Access = identity.Unattended
			return id.TryStore(ctx)
		},
		Broker: func(ctx context.Context) (broker.State, error) {
			return broker.Inspect(ctx, broker.Options{
				Getenv: s.Getenv, Limit: broker.NonInteractiveLimit, Log: env.Log,
			})
		},
		DeviceProof: func() browser.DeviceProof { return browser.FindDeviceProof(s.Getenv) },
		STSEndpoint: func(ctx context.Context, p awsconfig.Profile) (string, error) {
			return login.STSEndpoint(ctx, env, p)
		},
	}
	// The profile check reports a missing tenant.
	w.Default, _ = awsconfig.Draft(paths, s.Getenv, "default", nil)
	net, err := network.New(s.Getenv, caBundle(s, profiles), entra.Clouds()[0].LoginHost)
	w.Client, w.ClientErr, w.Proxy = net.Client, err, net.Proxy
	return doctor.Examine(c.Context, w), c.Context.Err()
}

// examined returns the profiles to check. An unreadable file is a finding; a profile that
// does not exist is an error.
func (s *invocation) examined(paths awsconfig.Paths, name string) (all []awsconfig.Loaded, unread, err error) {
	all, unread = awsconfig.LoadAll(paths, s.Getenv)
	if unread != nil || name == "" {
		return all, unread, nil
	}
	i := slices.IndexFunc(all, func(l awsconfig.Loaded) bool { return l.Profile.Name == name })
	if i < 0 {
		all, err = s.loadProfiles(paths, name)
		return all, nil, err
	}
	return all[i : i+1], nil, nil
}

// caBundle returns the CA bundle of the first profile that has one, or else that of the
// environment.
func caBundle(s *invocation, profiles []awsconfig.Loaded) string {
	for _, l := range profiles {
		if l.Profile.CABundle != "" {
			return l.Profile.CABundle
		}
	}
	return s.Getenv("AWS_CA_BUNDLE")
}

func (s *invocation) showDoctor(found []doctor.Finding, problems int) error {
	if s.json {
		return s.data(struct {
			OK       bool             `json:"ok"`
			Findings []doctor.Finding `json:"findings"`
		}{problems == 0, found})
	}
	p := s.painted(s.Stdout)
	signs := map[doctor.Status]string{
		doctor.OK: "ok", doctor.Warn: "warning", doctor.Fail: "problem", doctor.Skip: "skipped",
	}
	if prompt.IsTerminal(s.Stdout) && s.Getenv("TERM") != "dumb" {
		signs = map[doctor.Status]string{doctor.OK: "✓", doctor.Warn: "!", doctor.Fail: "✗", doctor.Skip: "-"}
	}
	colors := map[doctor.Status]string{doctor.OK: green, doctor.Warn: yellow, doctor.Fail: red, doctor.Skip: grey}
	width, window := termtext.Columns(signs[doctor.Warn]), prompt.Width(s.Stdout)
	indent := width + len("  ") + checkWidth + len("  ")
	var b strings.Builder
	for _, f := range found {
		sign := signs[f.Status]
		fmt.Fprintf(
			&b, "%s%*s  %-*s  %s\n", p.paint(colors[f.Status], sign), max(0, width-termtext.Columns(sign)), "",
			checkWidth, f.Check, wrap(termtext.Printable(s.tilde(f.Detail), maxMessage), window, indent),
		)
		for _, fix := range f.Fixes {
			fmt.Fprintf(
				&b, "%*s%s %s\n", indent, "", p.paint(cyan, "->"),
				wrap(termtext.Printable(s.tilde(fix), maxMessage), window, indent+len("-> ")),
			)
		}
	}
	b.WriteString(verdict(found) + "\n")
	_, err := fmt.Fprint(s.Stdout, b.String())
	return err
}

// checkWidth is the width of the column of check names.
const checkWidth = 16

// verdict returns the last line: the number of problems and warnings.
func verdict(found []doctor.Finding) string {
	count := map[doctor.Status]int{}
	for _, f := range found {
		count[f.Status]++
	}
	problems, warnings := some(count[doctor.Fail], "problem"), some(count[doctor.Warn], "warning")
	if count[doctor.Fail]+count[doctor.Warn] == 0 {
		return "No problems found."
	}
	return capitalized(problems + " and " + warnings + ".")
}

func some(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
