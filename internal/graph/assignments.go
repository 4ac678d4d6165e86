package graph

import (
	"context"
	"net/http"
	"net/url"
	"slices"
)

var (
	writeAssignments = Need{
		"AppRoleAssignment.ReadWrite.All", "AppRoleAssignment.ReadWrite.All",
		"Application Administrator or Cloud Application Administrator",
	}
	writeOwners = Need{
		"Application.ReadWrite.All and Directory.Read.All", "Application.ReadWrite.OwnedBy and Directory.Read.All",
		"Application Administrator or Cloud Application Administrator",
	}
	readUsers  = Need{"User.ReadBasic.All", "User.ReadBasic.All", ""}
	readGroups = Need{"Group.Read.All", "Group.Read.All", ""}
	readMe     = Need{"User.Read", "User.Read.All", ""}
)

func assignedTo(principalID string) string {
	return "/servicePrincipals/" + url.PathEscape(principalID) + "/appRoleAssignedTo"
}

// Assignments lists the app role assignments of a service principal.
func (c *Client) Assignments(ctx context.Context, principalID string) ([]Assignment, error) {
	return list[Assignment](
		ctx, c,
		call{path: assignedTo(principalID), query: where("$top", "999"), what: "list the assignments", need: readApps},
	)
}

// Assign creates assignments in batches and returns the error of each. An existing
// assignment is not an error.
func (c *Client) Assign(ctx context.Context, list []Assignment) ([]error, error) {
	calls := make([]call, len(list))
	for i, a := range list {
		calls[i] = call{
			method: http.MethodPost, path: assignedTo(a.ResourceID), what: "assign", need: writeAssignments,
			in: Assignment{PrincipalID: a.PrincipalID, RoleID: a.RoleID, ResourceID: a.ResourceID},
		}
	}
	errs, err := c.batch(ctx, calls)
	for i := range errs {
		if IsThere(errs[i]) {
			errs[i] = nil
		}
	}
	return errs, err
}

// Unassign deletes assignments in batches and returns the error of each. A missing
// assignment is not an error.
func (c *Client) Unassign(ctx context.Context, list []Assignment) ([]error, error) {
	calls := make([]call, len(list))
	for i, a := range list {
		calls[i] = call{
			method: http.MethodDelete,
			path:   assignedTo(a.ResourceID) + "/" + url.PathEscape(a.ID),
			what:   "unassign",
			need:   writeAssignments,
		}
	}
	errs, err := c.batch(ctx, calls)
	for i := range errs {
		if IsNotFound(errs[i]) {
			errs[i] = nil
		}
	}
	return errs, err
}

// Me returns the signed-in user.
func (c *Client) Me(ctx context.Context) (User, error) {
	var u User
	err := c.do(ctx, call{
		method: http.MethodGet, path: "/me", query: where("$select", "id,userPrincipalName,displayName"), out: &u,
		what: "ask who is signed in", need: readMe,
	})
	return u, err
}

// Organization returns the tenant.
func (c *Client) Organization(ctx context.Context) (Organization, error) {
	var page struct {
		Value []Organization `json:"value"`
	}
	err := c.do(ctx, call{
		method: http.MethodGet, path: "/organization", query: where("$select", "id,displayName,verifiedDomains"),
		out: &page, what: "ask for the tenant", need: readMe,
	})
	if err != nil || len(page.Value) == 0 {
		return Organization{}, err
	}
	return page.Value[0], nil
}

const (
	selectUser  = "id,userPrincipalName,displayName,mail,userType"
	selectGroup = "id,displayName,securityEnabled"
)

// Users returns users by principal name or mail address.
func (c *Client) Users(ctx context.Context, names []string) ([]User, error) {
	found, err := c.usersBy(ctx, names, "userPrincipalName", "mail")
	seen := map[string]bool{}
	return slices.DeleteFunc(found, func(u User) bool { // a user may be found both by name and by mail address
		twice := seen[u.ID]
		seen[u.ID] = true
		return twice
	}), err
}

// UsersByID returns users by object ID.
func (c *Client) UsersByID(ctx context.Context, ids []string) ([]User, error) {
	return c.usersBy(ctx, ids, "id")
}

// usersBy returns the users for which one of the properties has one of the values.
func (c *Client) usersBy(ctx context.Context, values []string, properties ...string) ([]User, error) {
	var calls []call
	for _, chunk := range chunks(values) {
		for _, property := range properties {
			calls = append(calls, call{
				path: "/users", query: where("$filter", property+" in ("+chunk+")", "$select", selectUser),
				what: "look for the users", need: readUsers,
			})
		}
	}
	return lists[User](ctx, c, calls)
}

// Groups returns groups by name.
func (c *Client) Groups(ctx context.Context, names []string) ([]Group, error) {
	var calls []call
	for _, chunk := range chunks(names) {
		calls = append(
			calls,
			call{
				path: "/groups", query: where("$filter", "displayName in ("+chunk+")", "$select", selectGroup),
				what: "look for the groups", need: readGroups,
			},
		)
	}
	return lists[Group](ctx, c, calls)
}

// GroupByID returns a group.
func (c *Client) GroupByID(ctx context.Context, id string) (Group, error) {
	var g Group
	err := c.do(ctx, call{
		method: http.MethodGet, path: "/groups/" + url.PathEscape(id), query: where("$select", selectGroup), out: &g,
		what: "look for the group", need: readGroups,
	})
	return g, err
}

// inFilter is the maximum number of values in an in operator.
// Source: learn.microsoft.com/graph/filter-query-parameter
const inFilter = 15

// chunks splits literals into lists, each short enough for one filter.
func chunks(names []string) []string {
	var out []string
	for len(names) > 0 {
		n := min(inFilter, len(names))
		text := ""
		for i, name := range names[:n] {
			if i > 0 {
				text += ","
			}
			text += quote(name)
		}
		out, names = append(out, text), names[n:]
	}
	return out
}

// Owners lists the owners of a service principal.
func (c *Client) Owners(ctx context.Context, principalID string) ([]User, error) {
	return list[User](ctx, c, call{
		path: "/servicePrincipals/" + url.PathEscape(principalID) + "/owners", query: where("$select", "id"),
		what: "list the owners", need: readApps,
	})
}

type reference struct {
	ID string `json:"@odata.id"`
}

// refer adds a reference. An existing one is not an error, because the response to an
// earlier attempt may have been lost.
func (c *Client) refer(ctx context.Context, k call) error {
	k.method = http.MethodPost
	err := c.do(ctx, k)
	if isReferred(err) {
		return nil
	}
	return err
}

// AddOwner adds a user to the owners of a service principal.
func (c *Client) AddOwner(ctx context.Context, principalID, userID string) error {
	return c.refer(ctx, call{
		path: "/servicePrincipals/" + url.PathEscape(principalID) + "/owners/$ref",
		in:   reference{c.cloud.Graph + "/v1.0/directoryObjects/" + userID}, what: "add an owner", need: writeOwners,
	})
}

// RemoveOwner removes an owner of a service principal. The error satisfies IsNotFound if
// the user is not an owner, or not yet replicated as one.
func (c *Client) RemoveOwner(ctx context.Context, principalID, userID string) error {
	return c.do(ctx, call{
		method: http.MethodDelete,
		path:   "/servicePrincipals/" + url.PathEscape(principalID) + "/owners/" + url.PathEscape(userID) + "/$ref",
		what:   "remove an owner", need: writeOwners,
	})
}
