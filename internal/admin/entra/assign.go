package entra

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/graph"
)

// Assignments returns all assignments of the application.
func (t *Tenant) Assignments(ctx context.Context, w *engine.World) ([]Assignment, error) {
	p, err := t.principal(ctx, w)
	if err != nil {
		return nil, err
	}
	list, err := t.Graph.Assignments(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	return t.described(ctx, p, list)
}

// described adds the names of users and roles to assignments.
func (t *Tenant) described(
	ctx context.Context, p graph.ServicePrincipal, list []graph.Assignment,
) ([]Assignment, error) {
	roles := map[string]graph.AppRole{}
	for _, role := range p.AppRoles {
		roles[role.ID] = role
	}
	var ids []string
	for _, a := range list {
		if strings.EqualFold(a.PrincipalType, kindUser) && !slices.Contains(ids, a.PrincipalID) {
			ids = append(ids, a.PrincipalID)
		}
	}
	found, err := t.Graph.UsersByID(ctx, ids)
	if err != nil && !graph.IsForbidden(err) { // the display names are enough to list
		return nil, err
	}
	users := map[string]graph.User{}
	for _, u := range found {
		users[u.ID] = u
	}
	all := make([]Assignment, 0, len(list))
	for _, a := range list {
		d := Assignment{
			Principal: a.PrincipalName, Kind: strings.ToLower(a.PrincipalType), PrincipalID: a.PrincipalID,
			UserPrincipalName: users[a.PrincipalID].PrincipalName, mail: users[a.PrincipalID].Mail,
			assignment: a.ID, roleID: a.RoleID,
		}
		role := roles[a.RoleID]
		switch {
		case strings.HasPrefix(role.Value, "arn:"):
			d.Role, d.value = roleName(role.Value), role.Value
		case role.DisplayName != "":
			d.Role = role.DisplayName + " (no AWS role)"
		default:
			d.Role = a.RoleID + " (deleted role)"
		}
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b Assignment) int {
		return cmp.Or(
			strings.Compare(a.Principal, b.Principal), strings.Compare(a.ID(), b.ID()), strings.Compare(a.Role, b.Role),
		)
	})
	return all, nil
}

// ID returns what identifies the user or group: principal name or object id.
func (a Assignment) ID() string { return cmp.Or(a.UserPrincipalName, a.PrincipalID) }

// String returns the user or group for messages.
func (a Assignment) String() string {
	if a.Principal == "" || a.Principal == a.UserPrincipalName {
		return a.ID()
	}
	return a.Principal + " (" + a.ID() + ")"
}

// Selection selects users and groups, and roles for each of them.
type Selection struct {
	Users, Groups   []string
	Roles, Accounts []string // role names or account/name; no accounts selects all
}

// resolve returns every combination of a selected user or group with a role.
func (t *Tenant) resolve(ctx context.Context, w *engine.World, sel Selection) ([]Assignment, error) {
	p, err := t.principal(ctx, w)
	if err != nil {
		return nil, err
	}
	learnRoles(w, p)
	values, err := sel.values(w.Entra().AppRoles)
	if err != nil {
		return nil, err
	}
	users, err := t.usersNamed(ctx, sel.Users)
	if err != nil {
		return nil, err
	}
	groups, err := t.groupsNamed(ctx, sel.Groups)
	if err != nil {
		return nil, err
	}
	var all []Assignment
	for _, value := range values {
		h := Assignment{Role: roleName(value), value: value, roleID: w.Entra().AppRoles[value]}
		for _, u := range users {
			all = append(all, h.ofUser(w.Spec, u))
		}
		for _, g := range groups {
			all = append(all, h.ofGroup(g))
		}
	}
	return all, nil
}

// values returns the values of the selected roles among the application's.
func (sel Selection) values(roles map[string]string) ([]string, error) {
	sorted := slices.DeleteFunc(
		slices.Sorted(maps.Keys(roles)), func(v string) bool { return !strings.HasPrefix(v, "arn:") },
	)
	var values []string
	for _, name := range sel.Roles {
		found := false
		for _, value := range sorted {
			if !sel.matches(value, name) {
				continue
			}
			found = true
			if !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
		if !found {
			names := make([]string, 0, len(sorted))
			for _, value := range sorted[:min(len(sorted), 12)] {
				names = append(names, roleName(value))
			}
			missing := name
			if len(sel.Accounts) > 0 {
				missing += " in account " + strings.Join(sel.Accounts, ", ")
			}
			f := fault.Newf(fault.Unsatisfied, "the application has no role %s", missing)
			if len(names) == 0 {
				return nil, f.Hint("run o365aws admin apply, or o365aws admin sync-roles, to add roles")
			}
			return nil, f.Hint("it has: %s", strings.Join(names, ", "))
		}
	}
	return values, nil
}

// matches reports whether the value of a role has the name, in a selected account.
func (sel Selection) matches(value, name string) bool {
	account, role, _ := strings.Cut(roleName(value), "/")
	last := role[strings.LastIndex(role, "/")+1:]
	return (len(sel.Accounts) == 0 || slices.Contains(sel.Accounts, account)) &&
		slices.Contains([]string{last, role, account + "/" + role, account + "/" + last}, name)
}

// Assign creates the assignments of a selection and returns the new ones, with
// warnings about user names that AWS refuses.
func (t *Tenant) Assign(
	ctx context.Context, w *engine.World, sel Selection,
) (created []Assignment, warnings []string, err error) {
	want, err := t.resolve(ctx, w, sel)
	if err != nil {
		return nil, nil, err
	}
	have, err := t.Graph.Assignments(ctx, w.Entra().ServicePrincipalID)
	if err != nil {
		return nil, nil, err
	}
	missing := missingAssignments(want, have)
	_, err = t.until(ctx, replicationTries, func() (bool, error) {
		err := t.assign(ctx, w, missing)
		if _, temporary, _ := engine.WaitsFor(err); temporary {
			return false, nil
		}
		return err == nil, err
	})
	return missing, sessionNameWarnings(want), err
}

// Unassign deletes the selected assignments and returns them. Every name that
// Assignments shows selects: display name, principal name or object id, and role.
func (t *Tenant) Unassign(
	ctx context.Context, w *engine.World, sel Selection,
) (deleted []Assignment, warnings []string, err error) {
	all, err := t.Assignments(ctx, w)
	if err != nil {
		return nil, nil, err
	}
	of, err := t.assignmentsOf(ctx, sel, all)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range sel.Roles {
		found := slices.DeleteFunc(slices.Clone(of), func(a Assignment) bool {
			return name != a.Role && name != a.roleID && (a.value == "" || !sel.matches(a.value, name))
		})
		if len(found) == 0 { // report a name that no role has
			if _, err := t.resolve(ctx, w, Selection{Roles: []string{name}, Accounts: sel.Accounts}); err != nil {
				return nil, nil, err
			}
		}
		for _, a := range found {
			if !slices.Contains(deleted, a) {
				deleted = append(deleted, a)
			}
		}
	}
	var list []graph.Assignment
	for _, a := range deleted {
		list = append(list, graph.Assignment{ID: a.assignment})
	}
	return deleted, nil, t.unassign(ctx, w, list)
}

// assignmentsOf returns the assignments of the selected users and groups.
func (t *Tenant) assignmentsOf(ctx context.Context, sel Selection, all []Assignment) ([]Assignment, error) {
	var selected []Assignment
	for kind, names := range map[string][]string{kindUser: sel.Users, kindGroup: sel.Groups} {
		for _, name := range names {
			found := slices.DeleteFunc(slices.Clone(all), func(a Assignment) bool {
				return a.Kind != kind || !has([]string{a.Principal, a.UserPrincipalName, a.mail, a.PrincipalID}, name)
			})
			if err := t.unambiguous(ctx, kind, name, found); err != nil {
				return nil, err
			}
			selected = append(selected, found...)
		}
	}
	return selected, nil
}

// unambiguous returns an error unless a name selects the assignments of one user or
// group, or one without assignments.
func (t *Tenant) unambiguous(ctx context.Context, kind, name string, found []Assignment) error {
	if len(found) == 0 { // report a name that the tenant does not have
		if kind == kindUser {
			_, err := t.usersNamed(ctx, []string{name})
			return err
		}
		_, err := t.groupsNamed(ctx, []string{name})
		return err
	}
	var ids []string
	for _, a := range found {
		if !slices.Contains(ids, a.ID()) {
			ids = append(ids, a.ID())
		}
	}
	if len(ids) > 1 {
		return fault.Newf(fault.Unsatisfied, "%d %ss with assignments have the name %s", len(ids), kind, name).
			Hint("use one of %s", strings.Join(ids, ", "))
	}
	return nil
}

// unassign deletes assignments in batches.
func (t *Tenant) unassign(ctx context.Context, w *engine.World, list []graph.Assignment) error {
	for i := range list {
		list[i].ResourceID = w.Entra().ServicePrincipalID
	}
	errs, err := t.Graph.Unassign(ctx, list)
	return cmp.Or(err, errors.Join(errs...))
}
