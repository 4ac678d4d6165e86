package cli

import (
	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

func (s *invocation) adminRotateKey() *cli.Command {
	return &cli.Command{
		Name:  "rotate-key",
		Usage: "replace the access key of Entra's import",
		Description: "Creates a new key, saves it in the tenant, tests it, deactivates the old one, tests again, " +
			"and\n" +
			"deletes the old one. The secret is never shown or stored.\n\nExample: o365aws admin rotate-key --yes",
		Flags:  adminFlags(yesFlag()),
		Action: s.rotateKey,
	}
}

func (s *invocation) rotateKey(c *cli.Context) error {
	r, err := s.adminRun(c)
	if err != nil {
		return err
	}
	if r.spec.Provisioning.Style != spec.StyleImport {
		return usage(
			"no key to rotate: provisioning.style is %s, not %s", r.spec.Provisioning.Style,
			spec.StyleImport,
		)
	}
	if r.tenant == nil {
		return errByHand(c)
	}
	if err := r.tenant.FindProvisioning(c.Context, r.world); err != nil {
		return err
	}
	if !c.Bool("yes") {
		if err := s.confirm(c.Context, "Replace the access key of "+r.spec.Provisioning.User+"? [y/N] "); err != nil {
			return err
		}
	}
	if err := aws.RotateKeys(c.Context, r.world, r.clients, func(group string) { s.say("%s", group) }); err != nil {
		return err
	}
	s.say("Done: the tenant uses the new key, the old one was deleted.")
	return nil
}
