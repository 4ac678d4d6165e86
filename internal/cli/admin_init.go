package cli

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
)

func (s *invocation) adminInit() *cli.Command {
	return &cli.Command{
		Name:  "init",
		Usage: "write a spec file with comments",
		Description: "Prompts for the tenant and the account if they are not given. Never overwrites a file.\n\n" +
			"Example: o365aws admin init --tenant example.onmicrosoft.com --account 123456789012",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "the spec file", DefaultText: specFile},
			&cli.StringFlag{Name: "tenant", Usage: "Entra tenant: one of its domains, or its GUID"},
			&cli.StringFlag{Name: "account", Usage: "AWS account number"},
		},
		Action: s.initSpec,
	}
}

func (s *invocation) initSpec(c *cli.Context) error {
	path := specPath(c)
	if _, err := os.Stat(path); err == nil {
		return fault.Newf(fault.Config, "%s already exists", path).Hint("edit it, or write another one with --file")
	}
	tenant, err := s.given(c, "tenant", "Entra tenant (a domain, e.g. example.onmicrosoft.com): ", spec.CheckTenant)
	if err != nil {
		return err
	}
	account, err := s.given(c, "account", "AWS account number: ", func(text string) error {
		return spec.CheckAccount(withoutHyphens(text))
	})
	if err != nil {
		return err
	}
	draft := spec.Draft(tenant, withoutHyphens(account))
	if err := s.writeNew(c.Context, path, draft); err != nil {
		return err
	}
	s.say("Wrote %s. Next: o365aws admin plan", path)
	return nil
}

// withoutHyphens returns an account number without the hyphens of the console.
func withoutHyphens(account string) string { return strings.ReplaceAll(account, "-", "") }

// given returns the value of a flag, or else the answer to a prompt, which it repeats
// until the answer is valid.
func (s *invocation) given(c *cli.Context, flag, question string, check func(string) error) (string, error) {
	if c.IsSet(flag) {
		return c.String(flag), check(c.String(flag))
	}
	for {
		text, err := s.answer(c.Context, question, "pass --"+flag)
		if err != nil {
			return "", err
		}
		if err = check(text); err == nil {
			return text, nil
		}
		s.say("%s", clean(err.Error()))
		for _, hint := range engine.HintsOf(err) {
			s.say("hint: %s", hint)
		}
	}
}

// writeNew creates a file. It returns an error if the file exists.
func (s *invocation) writeNew(ctx context.Context, path string, data []byte) error {
	paths, err := s.paths()
	if err != nil {
		return err
	}
	err = awsconfig.UpdateFile(ctx, path, paths.Locks(), func(have []byte) ([]byte, error) {
		if len(have) > 0 {
			return nil, errors.New("the file already exists")
		}
		return data, nil
	})
	if err != nil && ctx.Err() == nil {
		return fault.Wrap(fault.Config, err, "the spec file cannot be written")
	}
	return err
}
