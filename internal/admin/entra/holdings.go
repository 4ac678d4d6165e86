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

// Holdings lists who is assigned which role, by name.
func (t *Tenant) Holdings(ctx context.Context, w *engine.World) ([]Holding, error) {
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
	all := make([]Holding, 0, len(list))
	for _, a := range list {
		h := Holding{
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
			h.Role = a.RoleID + " (a role that is gone)"
		}
		all = append(all, h)
	}
	slices.SortFunc(
		all, func(a, b Holding) int { return strings.Compare(a.Principal+"\x00"+a.Role, b.Principal+"\x00"+b.Role) },
	)
	return all, nil
}

// Wish is an assignment asked for on the command line.
type Wish struct {
	Users, Groups   []string
	Roles, Accounts []string // names, or account/name; no accounts means all
}

// wished finds the people and the roles that a wish means, each with each.
func (t *Tenant) wished(ctx context.Context, w *engine.World, wish Wish) ([]Holding, error) {
	p, err := t.principal(ctx, w)
	if err != nil {
		return nil, err
	}
	learnRoles(w, p)
	values, err := wish.values(w.Entra().AppRoles)
	if err != nil {
		return nil, err
	}
	users, err := t.usersNamed(ctx, wish.Users)
	if err != nil {
		return nil, err
	}
	groups, err := t.groupsNamed(ctx, wish.Groups)
	if err != nil {
		return nil, err
	}
	var all []Holding
	for _, value := range values {
		h := Holding{Role: roleName(value), value: value, roleID: w.Entra().AppRoles[value]}
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

// values are those of the roles that are meant, of all that there are.
func (wish Wish) values(there map[string]string) ([]string, error) {
	sorted := slices.DeleteFunc(
		slices.Sorted(maps.Keys(there)), func(v string) bool { return !strings.HasPrefix(v, "arn:") },
	)
	var values []string
	for _, name := range wish.Roles {
		found := false
		for _, value := range sorted {
			account, role, _ := strings.Cut(roleName(value), "/")
			last := role[strings.LastIndex(role, "/")+1:]
			if len(wish.Accounts) > 0 && !slices.Contains(wish.Accounts, account) ||
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
			f := fault.Newf(fault.Unsatisfied, "the application has no role %s", name)
			if len(wish.Accounts) > 0 {
				f.Msg += " in account " + strings.Join(wish.Accounts, ", ")
			}
			if len(names) == 0 {
				return nil, f.Hint("no role was imported yet: o365aws admin apply, or o365aws admin sync-roles")
			}
			return nil, f.Hint("it has: %s", strings.Join(names, ", "))
		}
	}
	return values, nil
}

// compared finds what a wish means, and what there is.
func (t *Tenant) compared(
	ctx context.Context, w *engine.World, wish Wish,
) (wanted []Holding, have []graph.Assignment, err error) {
	if wanted, err = t.wished(ctx, w, wish); err != nil {
		return nil, nil, err
	}
	have, err = t.Graph.Assignments(ctx, w.Entra().ServicePrincipalID)
	return wanted, have, err
}

// Assign makes the assignments of a wish and returns those that were new,
// with warnings about people whom AWS will not let in by their names.
func (t *Tenant) Assign(ctx context.Context, w *engine.World, wish Wish) (made []Holding, warnings []string, err error) {
	wanted, have, err := t.compared(ctx, w, wish)
	if err != nil {
		return nil, nil, err
	}
	missing := missingHoldings(wanted, have)
	_, err = t.until(ctx, freshTries, func() (bool, error) {
		err := t.assign(ctx, w, missing)
		if _, temporary, _ := engine.WaitsFor(err); temporary {
			return false, nil
		}
		return err == nil, err
	})
	return missing, holdingWarnings(wanted, nil), err
}

// Unassign takes the assignments of a wish away and returns those that were.
// There is nothing to warn of.
func (t *Tenant) Unassign(ctx context.Context, w *engine.World, wish Wish) (gone []Holding, warnings []string, err error) {
	wanted, have, err := t.compared(ctx, w, wish)
	if err != nil {
		return nil, nil, err
	}
	var list []graph.Assignment
	for _, h := range wanted {
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
