package entra

import (
	"context"
	"fmt"
	"regexp"
	"slices"
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
		ID: stepAssignments, Title: "assignments", After: []engine.ID{stepRoles},
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
	Principal   string `json:"principal"` // name
	PrincipalID string `json:"principal_id"`
	Kind        string `json:"kind"` // user or group
	Role        string `json:"role"` // account/name
	roleID      string
	value       string
	session     string // RoleSessionName
	assignment  string // id
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
		h := Assignment{Kind: "user"}
		if a.User != "" {
			u := people[slices.Index(users, a.User)]
			h.Principal, h.PrincipalID, h.session = u.PrincipalName, u.ID, u.PrincipalName
		} else {
			g := teams[slices.Index(groups, a.Group)]
			h.Principal, h.PrincipalID, h.Kind = g.DisplayName, g.ID, "group"
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
	for _, h := range missingAssignments(want, have) {
		changes = append(changes, engine.Change{Attribute: h.Principal, Want: h.Role})
	}
	f := comparedWith(id != "" || len(changes) == 0, changes)
	f.Warnings = assignmentWarnings(want, have)
	return f, nil
}

func missingAssignments(want []Assignment, have []graph.Assignment) []Assignment {
	there := map[string]bool{}
	for _, a := range have {
		there[a.PrincipalID+" "+a.RoleID] = true
	}
	// A role that does not exist yet has no id, so no assignment matches it.
	return slices.DeleteFunc(slices.Clone(want), func(h Assignment) bool { return there[h.PrincipalID+" "+h.roleID] })
}

// sessionName matches the characters that AWS accepts in RoleSessionName.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
var sessionName = regexp.MustCompile(`^[a-zA-Z_0-9+=,.@-]+$`)

// isSessionName reports whether AWS accepts a name as RoleSessionName.
func isSessionName(name string) bool {
	return len(name) >= 2 && len(name) <= 64 && sessionName.MatchString(name)
}

// assignmentWarnings returns warnings about user names that AWS refuses at
// sign-in, and about assignments that are not in the spec.
func assignmentWarnings(want []Assignment, have []graph.Assignment) []string {
	var warnings []string
	warned, known := map[string]bool{}, map[string]bool{}
	for _, h := range want {
		known[h.PrincipalID+" "+h.roleID] = true
		if h.session != "" && !isSessionName(h.session) && !warned[h.PrincipalID] {
			warned[h.PrincipalID] = true
			warnings = append(
				warnings,
				fmt.Sprintf(
					"%s cannot sign in to AWS under that name: a session name has 2 to 64 letters, digits and "+
						"+=,.@-_ (guests have a # in theirs); send another attribute as RoleSessionName",
					termtext.Printable(h.session, 100),
				),
			)
		}
	}
	extra := 0
	for _, a := range have {
		if !known[a.PrincipalID+" "+a.RoleID] {
			extra++
		}
	}
	if extra > 0 {
		warnings = append(
			warnings,
			plural(
				extra, "assignment is", "assignments are",
			)+" not in the spec and stay: o365aws admin assignments lists them, o365aws admin unassign removes "+
				"them",
		)
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
	for _, h := range missing {
		if h.roleID == "" {
			return fault.Newf(fault.Unsatisfied, "the application has no role %s", h.Role).
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
			return fmt.Errorf("%s, role %s: %w", list[i].Principal, list[i].Role, err)
		}
	}
	return nil
}
