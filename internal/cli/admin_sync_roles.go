package cli

import (
	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/spec"
)

func (s *invocation) adminSyncRoles() *cli.Command {
	return &cli.Command{
		Name:  "sync-roles",
		Usage: "write the roles of all accounts into the application",
		Description: "Lists the roles that trust the provider in every account and brings the application's roles " +
			"up to\n" +
			"date, without an IAM user and access key. Made for schedulers: prints nothing if nothing changes.\n\n" +
			"Example: o365aws admin sync-roles --no-input",
		Flags: adminFlags(), Action: s.syncRoles,
	}
}

func (s *invocation) syncRoles(c *cli.Context) error {
	r, err := s.adminRun(c)
	if err != nil {
		return err
	}
	if r.tenant == nil {
		return errByHand(c)
	}
	if r.spec.Provisioning.Style == spec.StyleImport {
		return usage(
			"Entra's import manages the roles of this spec: provisioning.style is %s, not %s",
			r.spec.Provisioning.Style, spec.StyleMerge,
		)
	}
	changes, err := r.tenant.SyncRoles(c.Context, r.world)
	if err != nil {
		return err
	}
	s.show(s.Stderr).changes(changes)
	return nil
}
