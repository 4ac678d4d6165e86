package cli

import (
	"cmp"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

// version is set in release builds.
var version string

func (s *invocation) versionCommand() *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version", Description: "Example: o365aws version --json",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "same as --output json"}},
		Action: func(c *cli.Context) error {
			v, revision := buildVersion()
			if s.json || c.Bool("json") {
				return s.data(struct {
					Version  string `json:"version"`
					Revision string `json:"revision,omitempty"`
					Go       string `json:"go"`
					Platform string `json:"platform"`
				}{v, revision, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH})
			}
			return s.printVersion()
		},
	}
}

func (s *invocation) printVersion() error {
	v, _ := buildVersion()
	_, err := io.WriteString(s.Stdout, "o365aws "+v+" "+runtime.GOOS+"/"+runtime.GOARCH+" "+runtime.Version()+"\n")
	return err
}

// buildVersion returns the version of a release, or else the version recorded by Go.
func buildVersion() (v, revision string) {
	v = version
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(v, "unknown"), ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			revision = setting.Value
		}
	}
	return cmp.Or(v, info.Main.Version, "unknown"), revision
}
