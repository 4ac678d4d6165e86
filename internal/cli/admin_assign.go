package cli

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/entra"
)

// selectionFlags returns the flags that select users, groups and roles.
func selectionFlags() []cli.Flag {
	return adminFlags(
		&cli.StringSliceFlag{
			Name: "user", Usage: "user principal name, or a guest's mail address; repeatable",
		},
		&cli.StringSliceFlag{Name: "group", Usage: "security group: name or object id; repeatable"},
		&cli.StringSliceFlag{Name: "role", Usage: "name of a role, or account/name; repeatable"},
		&cli.StringSliceFlag{Name: "account", Usage: "account number; repeatable", DefaultText: "all accounts"},
	)
}

func selectionOf(c *cli.Context) (entra.Selection, error) {
	w := entra.Selection{
		Users: c.StringSlice("user"), Groups: c.StringSlice("group"), Roles: c.StringSlice("role"),
		Accounts: c.StringSlice("account"),
	}
	switch {
	case len(w.Users)+len(w.Groups) == 0:
		return w, usage("missing user or group: pass --user or --group")
	case len(w.Roles) == 0:
		return w, usage("missing role: pass --role")
	}
	return w, nil
}

func (s *invocation) adminAssign() *cli.Command {
	return &cli.Command{
		Name:  "assign",
		Usage: "assign roles to users and groups",
		Description: "Assigns each role to each user and group. Existing assignments stay. The spec does\n" +
			"not change: add permanent assignments there.\n\n" +
			"Example: o365aws admin assign --user ada@example.com --role azure.reader",
		Flags: selectionFlags(), Action: s.assign,
	}
}

func (s *invocation) assign(c *cli.Context) error {
	return s.grant(c, "%s may use %s", "already assigned", (*entra.Tenant).Assign)
}

// grant creates or deletes the assignments that the flags select, and reports each.
func (s *invocation) grant(
	c *cli.Context, line, nothing string,
	do func(*entra.Tenant, context.Context, *engine.World, entra.Selection) ([]entra.Assignment, []string, error),
) error {
	sel, err := selectionOf(c)
	if err != nil {
		return err
	}
	r, err := s.tenantRun(c)
	if err != nil {
		return err
	}
	changed, warnings, err := do(r.tenant, c.Context, r.world, sel)
	if err != nil {
		return err
	}
	for _, warning := range warnings {
		s.say("o365aws: warning: %s", clean(warning))
	}
	for _, h := range changed {
		s.say(line, clean(h.String()), clean(h.Role))
	}
	if len(changed) == 0 {
		s.say("Nothing to do: %s.", nothing)
	}
	return nil
}

func (s *invocation) adminUnassign() *cli.Command {
	return &cli.Command{
		Name:  "unassign",
		Usage: "remove roles from users and groups",
		Description: "Removes each role from each user and group. Open sessions continue until they expire. The\n" +
			"next apply restores assignments that are in the spec.\n\n" +
			"Example: o365aws admin unassign --user ada@example.com --role azure.admin",
		Flags: selectionFlags(), Action: s.unassign,
	}
}

func (s *invocation) unassign(c *cli.Context) error {
	return s.grant(c, "%s may no longer use %s", "not assigned", (*entra.Tenant).Unassign)
}

func (s *invocation) adminAssignments() *cli.Command {
	return &cli.Command{
		Name:  "assignments",
		Usage: "list the assigned roles",
		Description: "Lists every assignment of the application, including those that are not in the spec.\n\n" +
			"Example: o365aws admin assignments --output json",
		Flags: adminFlags(), Action: s.assignments,
	}
}

func (s *invocation) assignments(c *cli.Context) error {
	r, err := s.tenantRun(c)
	if err != nil {
		return err
	}
	list, err := r.tenant.Assignments(c.Context, r.world)
	if err != nil {
		return err
	}
	if s.json {
		return s.data(struct {
			Assignments []entra.Assignment `json:"assignments"`
		}{list})
	}
	for _, h := range list {
		_, _ = fmt.Fprintf(s.Stdout, "%s\t%s\t%s\t%s\n", clean(h.Principal), clean(h.ID()), h.Kind, clean(h.Role))
	}
	return nil
}
