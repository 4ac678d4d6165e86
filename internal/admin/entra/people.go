package entra

import (
	"context"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/graph"
)

// usersNamed finds every user, by principal name or mail address.
func (t *Tenant) usersNamed(ctx context.Context, names []string) ([]graph.User, error) {
	if len(names) == 0 {
		return nil, nil
	}
	found, err := t.Graph.Users(ctx, names)
	if err != nil {
		return nil, err
	}
	var users []graph.User
	for _, name := range names {
		i := slices.IndexFunc(found, func(u graph.User) bool { return strings.EqualFold(u.PrincipalName, name) })
		if i < 0 {
			i = slices.IndexFunc(found, func(u graph.User) bool { return strings.EqualFold(u.Mail, name) })
		}
		if i < 0 {
			return nil, fault.Newf(fault.Unsatisfied, "the tenant has no user %s", name).
				Hint("a user is named by the user principal name, a guest also by mail address")
		}
		users = append(users, found[i])
	}
	return users, nil
}

// groupsNamed finds every group, by name or object id.
func (t *Tenant) groupsNamed(ctx context.Context, names []string) ([]graph.Group, error) {
	var byName []string
	for _, name := range names {
		if !spec.IsGUID(name) {
			byName = append(byName, name)
		}
	}
	var found []graph.Group
	if len(byName) > 0 {
		var err error
		if found, err = t.Graph.Groups(ctx, byName); err != nil {
			return nil, err
		}
	}
	groups := make([]graph.Group, len(names))
	for i, name := range names {
		var err error
		if groups[i], err = t.groupNamed(ctx, name, found); err != nil {
			return nil, err
		}
		if !groups[i].SecurityEnabled {
			return nil, fault.Newf(fault.Unsatisfied, "the group %s is not a security group; only security groups "+
				"can be assigned to an application", name).
				Hint("create a security group with the same members and use that")
		}
	}
	return groups, nil
}

func (t *Tenant) groupNamed(ctx context.Context, name string, found []graph.Group) (graph.Group, error) {
	if spec.IsGUID(name) {
		return t.Graph.GroupByID(ctx, name)
	}
	var fits []graph.Group
	for _, g := range found {
		if strings.EqualFold(g.DisplayName, name) {
			fits = append(fits, g)
		}
	}
	switch len(fits) {
	case 0:
		return graph.Group{}, fault.Newf(fault.Unsatisfied, "the tenant has no group %s", name).
			Hint("check the name, or use the object id")
	case 1:
		return fits[0], nil
	}
	return graph.Group{}, fault.Newf(fault.Unsatisfied, "the tenant has %d groups called %s", len(fits), name).
		Hint("use the object id")
}
