package cli

import (
	"errors"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/engine"
)

func (s *invocation) adminExplain() *cli.Command {
	return &cli.Command{
		Name:  "explain",
		Usage: "explain each step and how to do it by hand",
		Description: "Without a spec file it explains the steps of an example. Needs neither network nor " +
			"credentials.\n\n" +
			"Example: o365aws admin explain",
		Flags:  specFlags(),
		Action: s.explain,
	}
}

func (s *invocation) explain(c *cli.Context) error {
	r, err := s.adminRun(c)
	if err != nil {
		if _, missing := os.Stat(specPath(c)); !errors.Is(missing, os.ErrNotExist) || c.IsSet("file") {
			return err
		}
		if r, err = s.exampleRun(c); err != nil {
			return err
		}
	}
	_, err = io.WriteString(s.Stdout, engine.Explain(r.runner.Steps))
	return err
}
