package entra

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/graph"
	"github.com/o365aws/o365aws/internal/termtext"
)

// assignmentsStep returns the step for the assignments of the spec.
func (t *Tenant) assignmentsStep(*engine.World) engine.Step {
	return t.step(engine.Step{
		Obsolete: t.obsoleteAssignments,
		ID:       stepAssignments, Title: "assignments", After: []engine.ID{stepRoles},
		Why: "Users with an assigned role see the AWS tile in My Apps and can sign in to that role. A group " +
			"assignment applies to direct members only, and needs Entra ID P1.",
		Permissions: []engine.Permission{
			{Action: "AppRoleAssignment.ReadWrite.All"}, {Action: "User.ReadBasic.All"}, {Action: "Group.Read.All"},
		},
		Settle: 3 * time.Minute, Waits: "Entra to show the assignments",
		Manual: []string{
			"The application, Users and groups, Add user/group: the user or group, Select a role, Assign. A second " +
				"role is a second assignment.",
		},
	}, t.checkAssignments, t.applyAssignments)
}

// Assignment is the assignment of a role to a user or a group.
type Assignment struct {
	Principal         string `json:"principal"`                     // display name
	UserPrincipalName string `json:"user_principal_name,omitempty"` // of a user
	PrincipalID       string `json:"principal_id"`
	Kind              string `json:"kind"` // user or group
	Role              string `json:"role"` // account/name

	roleID     string
	value      string
	mail       string
	session    string // RoleSessionName, if it is known
	assignment string // id
}

// The kinds of principals.
const (
	kindUser  = "user"
	kindGroup = "group"
)

// ofUser returns the assignment for a user.
func (a Assignment) ofUser(s *spec.Spec, u graph.User) Assignment {
	a.Kind, a.Principal, a.UserPrincipalName, a.PrincipalID = kindUser, u.DisplayName, u.PrincipalName, u.ID
	a.session = sessionNameOf(s, u)
	return a
}

// ofGroup returns the assignment for a group.
func (a Assignment) ofGroup(g graph.Group) Assignment {
	a.Kind, a.Principal, a.PrincipalID = kindGroup, g.DisplayName, g.ID
	return a
}

// resolveAssignments returns assignments of the spec with the ids of the tenant.
func (t *Tenant) resolveAssignments(
	ctx context.Context, w *engine.World, list []spec.Assignment,
) ([]Assignment, error) {
	var users, groups []string
	for _, a := range list {
		if a.User != "" && !slices.Contains(users, a.User) {
			users = append(users, a.User)
		}
		if a.Group != "" && !slices.Contains(groups, a.Group) {
			groups = append(groups, a.Group)
		}
	}
	people, err := t.usersNamed(ctx, users)
	if err != nil {
		return nil, err
	}
	teams, err := t.groupsNamed(ctx, groups)
	if err != nil {
		return nil, err
	}
	var all []Assignment
	for _, a := range list {
		var h Assignment
		if a.User != "" {
			h = h.ofUser(w.Spec, people[slices.Index(users, a.User)])
		} else {
			h = h.ofGroup(teams[slices.Index(groups, a.Group)])
		}
		for _, value := range w.Spec.ValuesOf(a) {
			h.value, h.Role, h.roleID = value, roleName(value), w.Entra().AppRoles[value]
			if !slices.ContainsFunc(
				all, func(x Assignment) bool { return x.PrincipalID == h.PrincipalID && x.value == h.value },
			) {
				all = append(all, h)
			}
		}
	}
	return all, nil
}

func (t *Tenant) checkAssignments(ctx context.Context, w *engine.World) (engine.Finding, error) {
	id := w.Entra().ServicePrincipalID
	want, err := t.resolveAssignments(ctx, w, w.Spec.Assignments)
	if err != nil {
		return engine.Finding{}, err
	}
	var have []graph.Assignment
	if id != "" {
		if have, err = t.Graph.Assignments(ctx, id); err != nil && !graph.IsNotFound(err) {
			return engine.Finding{}, err
		}
	}
	var changes []engine.Change
	for _, a := range missingAssignments(want, have) {
		changes = append(changes, engine.Change{Attribute: cmp.Or(a.UserPrincipalName, a.Principal), Want: a.Role})
	}
	f := comparedWith(id != "" || len(changes) == 0, changes)
	f.Warnings = sessionNameWarnings(want)
	if n := len(otherAssignments(want, have)); n > 0 && !w.Spec.Exclusive {
		f.Warnings = append(f.Warnings, plural(n, "assignment is", "assignments are")+" not in the spec and stay: "+
			"o365aws admin assignments lists them, o365aws admin unassign removes them")
	}
	return f, nil
}

// missingAssignments returns those of want that have does not contain. A role that
// does not exist yet has no id, so no assignment matches it.
func missingAssignments(want []Assignment, have []graph.Assignment) []Assignment {
	return slices.DeleteFunc(slices.Clone(want), func(a Assignment) bool {
		return slices.ContainsFunc(have, a.is)
	})
}

// otherAssignments returns those of have that want does not contain.
func otherAssignments(want []Assignment, have []graph.Assignment) []graph.Assignment {
	return slices.DeleteFunc(slices.Clone(have), func(g graph.Assignment) bool {
		return slices.ContainsFunc(want, func(a Assignment) bool { return a.is(g) })
	})
}

// is reports whether g assigns the same role to the same user or group.
func (a Assignment) is(g graph.Assignment) bool {
	return a.PrincipalID == g.PrincipalID && a.roleID == g.RoleID
}

// sessionName matches the characters that AWS accepts in RoleSessionName.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
var sessionName = regexp.MustCompile(`^[a-zA-Z_0-9+=,.@-]+$`)

// isSessionName reports whether AWS accepts a name as RoleSessionName.
func isSessionName(name string) bool {
	return len(name) >= 2 && len(name) <= 64 && sessionName.MatchString(name)
}

// sessionNameOf returns the RoleSessionName of a user; "" if the spec takes it from
// an attribute that is not read.
func sessionNameOf(s *spec.Spec, u graph.User) string {
	switch strings.ToLower(s.Application.Claims.SessionName) {
	case "", attributeUPN:
		return u.PrincipalName
	case "mail":
		return cmp.Or(u.Mail, " ")
	}
	return ""
}

// sessionNameWarnings returns warnings about session names that AWS refuses at
// sign-in.
func sessionNameWarnings(want []Assignment) []string {
	var warnings []string
	warned := map[string]bool{}
	for _, a := range want {
		if a.session == "" || isSessionName(a.session) || warned[a.PrincipalID] {
			continue
		}
		warned[a.PrincipalID] = true
		warnings = append(warnings, fmt.Sprintf("%s cannot sign in to AWS with the session name %q: it must have 2 to 64 "+
			"letters, digits and +=,.@-_; set application.claims.session_name to another attribute, such as mail",
			termtext.Printable(a.String(), 150), termtext.Printable(strings.TrimSpace(a.session), 100)))
	}
	return warnings
}

func (t *Tenant) applyAssignments(ctx context.Context, w *engine.World) error {
	want, err := t.resolveAssignments(ctx, w, w.Spec.Assignments)
	if err != nil {
		return err
	}
	have, err := t.Graph.Assignments(ctx, w.Entra().ServicePrincipalID)
	if err != nil {
		return err
	}
	missing := missingAssignments(want, have)
	for _, a := range missing {
		if a.roleID == "" {
			return fault.Newf(fault.Unsatisfied, "the application has no role %s", a.Role).
				Hint("o365aws admin apply creates the roles of the spec and imports them")
		}
	}
	return t.assign(ctx, w, missing)
}

// assign creates assignments in batches.
func (t *Tenant) assign(ctx context.Context, w *engine.World, list []Assignment) error {
	requests := make([]graph.Assignment, len(list))
	for i, a := range list {
		requests[i] = graph.Assignment{
			PrincipalID: a.PrincipalID, RoleID: a.roleID, ResourceID: w.Entra().ServicePrincipalID,
		}
	}
	errs, err := t.Graph.Assign(ctx, requests)
	if err != nil {
		return err
	}
	for i, err := range errs {
		if graph.IsNotReplicated(err) {
			return engine.NotYet(err, "Entra to replicate the new roles")
		}
		if err != nil {
			return fmt.Errorf("%s, role %s: %w", list[i], list[i].Role, err)
		}
	}
	return nil
}
