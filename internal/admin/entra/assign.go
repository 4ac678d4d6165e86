package entra

import (
	"context"
	"fmt"
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
	roles := map[string]graph.AppRole{}
	for _, role := range p.AppRoles {
		roles[role.ID] = role
	}
	list, err := t.Graph.Assignments(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	all := make([]Assignment, 0, len(list))
	for _, a := range list {
		h := Assignment{
			Principal: a.PrincipalName, Kind: strings.ToLower(a.PrincipalType), PrincipalID: a.PrincipalID,
			assignment: a.ID, roleID: a.RoleID,
		}
		role := roles[a.RoleID]
		switch {
		case role.Value != "" && strings.HasPrefix(role.Value, "arn:"):
			h.Role, h.value = roleName(role.Value), role.Value
		case role.DisplayName != "":
			h.Role = role.DisplayName + " (no AWS role)"
		default:
			h.Role = a.RoleID + " (deleted role)"
		}
		all = append(all, h)
	}
	slices.SortFunc(
		all, func(a, b Assignment) int {
			return strings.Compare(a.Principal+"\x00"+a.Role, b.Principal+"\x00"+b.Role)
		},
	)
	return all, nil
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
			h.Principal, h.Kind, h.PrincipalID, h.session = u.PrincipalName, "user", u.ID, u.PrincipalName
			all = append(all, h)
		}
		h.session = ""
		for _, g := range groups {
			h.Principal, h.Kind, h.PrincipalID = g.DisplayName, "group", g.ID
			all = append(all, h)
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
			account, role, _ := strings.Cut(roleName(value), "/")
			last := role[strings.LastIndex(role, "/")+1:]
			if len(sel.Accounts) > 0 && !slices.Contains(sel.Accounts, account) ||
				!slices.Contains([]string{last, role, account + "/" + role, account + "/" + last}, name) {
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

// compared returns the assignments of a selection and those of the application.
func (t *Tenant) compared(
	ctx context.Context, w *engine.World, sel Selection,
) (want []Assignment, have []graph.Assignment, err error) {
	if want, err = t.resolve(ctx, w, sel); err != nil {
		return nil, nil, err
	}
	have, err = t.Graph.Assignments(ctx, w.Entra().ServicePrincipalID)
	return want, have, err
}

// Assign creates the assignments of a selection and returns the new ones, with
// warnings about user names that AWS refuses.
func (t *Tenant) Assign(
	ctx context.Context, w *engine.World, sel Selection,
) (created []Assignment, warnings []string, err error) {
	want, have, err := t.compared(ctx, w, sel)
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
	return missing, assignmentWarnings(want, nil), err
}

// Unassign deletes the assignments of a selection and returns the deleted ones.
func (t *Tenant) Unassign(
	ctx context.Context, w *engine.World, sel Selection,
) (gone []Assignment, warnings []string, err error) {
	want, have, err := t.compared(ctx, w, sel)
	if err != nil {
		return nil, nil, err
	}
	var list []graph.Assignment
	for _, h := range want {
		for _, a := range have {
			if a.PrincipalID == h.PrincipalID && a.RoleID == h.roleID {
				a.ResourceID = w.Entra().ServicePrincipalID
				gone, list = append(gone, h), append(list, a)
			}
		}
	}
	errs, err := t.Graph.Unassign(ctx, list)
	if err != nil {
		return nil, nil, err
	}
	for i, err := range errs {
		if err != nil {
			return nil, nil, fmt.Errorf("%s, role %s: %w", gone[i].Principal, gone[i].Role, err)
		}
	}
	return gone, nil, nil
}
