package cli

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awspaths"
	"github.com/o365aws/o365aws/internal/report"
	"github.com/o365aws/o365aws/internal/securefile"
)

// reportFile is the default path of a report.
const reportFile = "o365aws-report.json"

func (s *invocation) reportCommand() *cli.Command {
	return &cli.Command{
		Name: "report", Usage: "write a report of the last sign-in that is safe to publish",
		Description: "Writes a file to attach to an issue: versions, system, browser, results of doctor, names of\n" +
			"settings, and the trail of the last sign-in or admin command: pages, error codes, calls. The file\n" +
			"contains no names, addresses, account numbers or secrets. o365aws shows the whole file first, and\n" +
			"sends nothing. The trail is stored for a day; o365aws_trail = none turns it off.\n\n" +
			"Example: o365aws report --profile work",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "the file to write", DefaultText: reportFile},
			yesFlag(),
		},
		Action: s.writeReport,
	}
}

// writeReport shows the report and writes it to a file. With --output json it only shows
// it.
func (s *invocation) writeReport(c *cli.Context) error {
	document, err := s.makeReport(c)
	if err != nil {
		return err
	}
	data, err := document.JSON()
	if err != nil {
		return err
	}
	if _, err := s.Stdout.Write(data); err != nil || s.json {
		return err
	}
	s.say("Left out: %s.", strings.Join(report.LeftOut, "; "))
	if document.Trail == nil {
		s.say("There is no trail of a sign-in in the last 24 hours. Repeat what failed, then run this command again.")
	}
	file := c.String("file")
	if file == "" {
		file = reportFile
	}
	if !c.Bool("yes") && !s.noInput && s.atTerminal() {
		if err := s.confirm(c.Context, "Write this to "+file+"? [y/N] "); err != nil {
			return err
		}
	}
	err = securefile.Replace(file, "."+filepath.Base(file)+"-*", func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	s.say("Written to %s. Nothing was sent. To report it, attach the file: %s", file, document.Form())
	return nil
}

// makeReport creates the report. A profile that cannot be loaded is included.
func (s *invocation) makeReport(c *cli.Context) (report.Document, error) {
	paths, err := s.paths()
	if err != nil {
		return report.Document{}, err
	}
	facts := report.Facts{Now: s.Now(), Getenv: s.Getenv}
	facts.Version, facts.Revision = buildVersion()
	if trail, ok := report.LoadTrail(paths, s.Now()); ok {
		facts.Trail = &trail
	}
	name := awspaths.Profile(common(c, "profile"), s.Getenv)
	facts.Profile, facts.ProfileErr = awsconfig.Load(paths, s.Getenv, name, nil)
	facts.Doctor, err = s.diagnose(c, paths)
	if c.Context.Err() != nil {
		return report.Document{}, c.Context.Err()
	}
	if err != nil { // the profile does not exist
		s.logger().Info("the checks of doctor are omitted", "error", err)
	}
	return report.New(facts), nil
}
