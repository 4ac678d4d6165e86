package graph

import (
	"context"
	"net/http"
	"net/url"
)

var (
	writeAssignments = Need{"AppRoleAssignment.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Application Administrator or Cloud Application Administrator"}
	writeOwners      = Need{"Application.ReadWrite.All and Directory.Read.All", "Application.ReadWrite.OwnedBy and Directory.Read.All", "Application Administrator or Cloud Application Administrator"}
	readUsers        = Need{"User.ReadBasic.All", "User.ReadBasic.All", ""}
	readGroups       = Need{"Group.Read.All", "Group.Read.All", ""}
	readMe           = Need{"User.Read", "User.Read.All", ""}
)

func assignedTo(principalID string) string {
	return "/servicePrincipals/" + url.PathEscape(principalID) + "/appRoleAssignedTo"
}

// Assignments lists who is assigned which role of a principal.
func (c *Client) Assignments(ctx context.Context, principalID string) ([]Assignment, error) {
	return list[Assignment](ctx, c, call{path: assignedTo(principalID), query: where("$top", "999"), what: "list the assignments", need: readApps})
}

// Assign makes assignments, twenty a request, and returns the error of each;
// one that exists already is no error. done is told of progress.
func (c *Client) Assign(ctx context.Context, list []Assignment, done func(int)) ([]error, error) {
	calls := make([]call, len(list))
	for i, a := range list {
		calls[i] = call{
			method: http.MethodPost, path: assignedTo(a.ResourceID), what: "assign", need: writeAssignments,
			in: Assignment{PrincipalID: a.PrincipalID, RoleID: a.RoleID, ResourceID: a.ResourceID},
		}
	}
	errs, err := c.batch(ctx, calls, done)
	for i := range errs {
		if IsThere(errs[i]) {
			errs[i] = nil
		}
	}
	return errs, err
}

// Unassign takes assignments away; one that is gone is no error.
func (c *Client) Unassign(ctx context.Context, list []Assignment, done func(int)) ([]error, error) {
	calls := make([]call, len(list))
	for i, a := range list {
		calls[i] = call{method: http.MethodDelete, path: assignedTo(a.ResourceID) + "/" + url.PathEscape(a.ID), what: "unassign", need: writeAssignments}
	}
	errs, err := c.batch(ctx, calls, done)
	for i := range errs {
		if IsNotFound(errs[i]) {
			errs[i] = nil
		}
	}
	return errs, err
}

// Me returns the person who is signed in.
func (c *Client) Me(ctx context.Context) (User, error) {
	var u User
	err := c.do(ctx, call{method: http.MethodGet, path: "/me", query: where("$select", "id,userPrincipalName,displayName"), out: &u, what: "ask who is signed in", need: readMe})
	return u, err
}

// Organization returns the tenant.
func (c *Client) Organization(ctx context.Context) (Organization, error) {
	var page struct {
		Value []Organization `json:"value"`
	}
	err := c.do(ctx, call{method: http.MethodGet, path: "/organization", query: where("$select", "id,displayName,verifiedDomains"), out: &page, what: "ask for the tenant", need: readMe})
	if err != nil || len(page.Value) == 0 {
		return Organization{}, err
	}
	return page.Value[0], nil
}

const selectUser = "id,userPrincipalName,displayName,mail,userType"

// UsersNamed finds users by principal name, or, where a guest is meant, by
// mail address.
func (c *Client) UsersNamed(ctx context.Context, name string) ([]User, error) {
	filter := "userPrincipalName eq " + quote(name) + " or mail eq " + quote(name)
	return list[User](ctx, c, call{path: "/users", query: where("$filter", filter, "$select", selectUser), what: "look for user " + name, need: readUsers})
}

// Users finds many users by principal name or mail with few requests.
func (c *Client) Users(ctx context.Context, names []string) ([]User, error) {
	var all []User
	for _, chunk := range chunks(names) {
		filter := "userPrincipalName in (" + chunk + ") or mail in (" + chunk + ")"
		found, err := list[User](ctx, c, call{path: "/users", query: where("$filter", filter, "$select", selectUser, "$top", "999"), what: "look for the users", need: readUsers})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// Groups finds many groups by name with few requests.
func (c *Client) Groups(ctx context.Context, names []string) ([]Group, error) {
	var all []Group
	for _, chunk := range chunks(names) {
		found, err := list[Group](ctx, c, call{path: "/groups", query: where("$filter", "displayName in ("+chunk+")", "$select", "id,displayName,securityEnabled", "$top", "999"), what: "look for the groups", need: readGroups})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// inFilter is how many values the in operator takes in one filter.
// Source: learn.microsoft.com/graph/filter-query-parameter
const inFilter = 15

// chunks writes lists of literals, each short enough for one filter.
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

// Owners lists the owners of a principal.
func (c *Client) Owners(ctx context.Context, principalID string) ([]User, error) {
	return list[User](ctx, c, call{path: "/servicePrincipals/" + url.PathEscape(principalID) + "/owners", query: where("$select", "id"), what: "list the owners", need: readApps})
}

type reference struct {
	ID string `json:"@odata.id"`
}

// AddOwner makes a user an owner of a principal.
func (c *Client) AddOwner(ctx context.Context, principalID, userID string) error {
	return c.do(ctx, call{
		method: http.MethodPost, path: "/servicePrincipals/" + url.PathEscape(principalID) + "/owners/$ref",
		in: reference{c.cloud.Graph + "/v1.0/directoryObjects/" + userID}, what: "add an owner", need: writeOwners,
	})
}

// RemoveOwner takes a user out of the owners of a principal.
func (c *Client) RemoveOwner(ctx context.Context, principalID, userID string) error {
	err := c.do(ctx, call{method: http.MethodDelete, path: "/servicePrincipals/" + url.PathEscape(principalID) + "/owners/" + url.PathEscape(userID) + "/$ref", what: "take an owner out", need: writeOwners})
	if IsNotFound(err) {
		return nil
	}
	return err
}
