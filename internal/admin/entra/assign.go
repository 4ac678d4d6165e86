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

// assignmentsStep is chapter 7 of the post.
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

// Holding is one assignment, for people and programs.
type Holding struct {
	Principal   string `json:"principal"` // name
	PrincipalID string `json:"principal_id"`
	Kind        string `json:"kind"` // user or group
	Role        string `json:"role"` // account/name
	roleID      string
	value       string
	session     string // what RoleSessionName would be
	assignment  string // id
}

// wantedHoldings are the spec's assignments with the ids of the tenant.
func (t *Tenant) wantedHoldings(ctx context.Context, w *engine.World, list []spec.Assignment) ([]Holding, error) {
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
	var all []Holding
	for _, a := range list {
		h := Holding{Kind: "user"}
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
				all, func(x Holding) bool { return x.PrincipalID == h.PrincipalID && x.value == h.value },
			) {
				all = append(all, h)
			}
		}
	}
	return all, nil
}

func (t *Tenant) checkAssignments(ctx context.Context, w *engine.World) (engine.Finding, error) {
	id := w.Entra().ServicePrincipalID
	wanted, err := t.wantedHoldings(ctx, w, w.Spec.Assignments)
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
	for _, h := range missingHoldings(wanted, have) {
		changes = append(changes, engine.Change{Attribute: h.Principal, Want: h.Role})
	}
	f := comparedWith(id != "" || len(changes) == 0, changes)
	f.Warnings = holdingWarnings(wanted, have)
	return f, nil
}

func missingHoldings(wanted []Holding, have []graph.Assignment) []Holding {
	there := map[string]bool{}
	for _, a := range have {
		there[a.PrincipalID+" "+a.RoleID] = true
	}
	// A role that does not exist yet has no id: nobody can hold it.
	return slices.DeleteFunc(slices.Clone(wanted), func(h Holding) bool { return there[h.PrincipalID+" "+h.roleID] })
}

// sessionName matches the characters that AWS accepts in RoleSessionName.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
var sessionName = regexp.MustCompile(`^[a-zA-Z_0-9+=,.@-]+$`)

// isSessionName reports whether AWS accepts a name as RoleSessionName.
func isSessionName(name string) bool {
	return len(name) >= 2 && len(name) <= 64 && sessionName.MatchString(name)
}

// holdingWarnings are about names that AWS will refuse at sign-in, and about
// assignments that the spec does not know.
func holdingWarnings(wanted []Holding, have []graph.Assignment) []string {
	var warnings []string
	warned, known := map[string]bool{}, map[string]bool{}
	for _, h := range wanted {
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
			)+" not in the spec and are kept: o365aws admin assignments lists them, o365aws admin unassign removes "+
				"them",
		)
	}
	return warnings
}

func (t *Tenant) applyAssignments(ctx context.Context, w *engine.World) error {
	wanted, err := t.wantedHoldings(ctx, w, w.Spec.Assignments)
	if err != nil {
		return err
	}
	have, err := t.Graph.Assignments(ctx, w.Entra().ServicePrincipalID)
	if err != nil {
		return err
	}
	missing := missingHoldings(wanted, have)
	for _, h := range missing {
		if h.roleID == "" {
			return fault.Newf(fault.Unsatisfied, "the application has no role %s", h.Role).
				Hint("roles of the spec are made and imported by o365aws admin apply")
		}
	}
	return t.assign(ctx, w, missing)
}

// assign makes assignments in batches.
func (t *Tenant) assign(ctx context.Context, w *engine.World, holdings []Holding) error {
	list := make([]graph.Assignment, len(holdings))
	for i, h := range holdings {
		list[i] = graph.Assignment{
			PrincipalID: h.PrincipalID, RoleID: h.roleID, ResourceID: w.Entra().ServicePrincipalID,
		}
	}
	errs, err := t.Graph.Assign(ctx, list)
	if err != nil {
		return err
	}
	for i, err := range errs {
		if err == nil {
			continue
		}
		if graph.IsTooFresh(err) {
			return engine.NotYet(err, "Entra to know everywhere the roles that were just made")
		}
		return fmt.Errorf("%s, role %s: %w", holdings[i].Principal, holdings[i].Role, err)
	}
	return nil
}
