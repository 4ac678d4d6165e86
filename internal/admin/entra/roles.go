package entra

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/graph"
	"golang.org/x/sync/errgroup"
)

// mergeStep returns the step that writes the roles of all accounts into the
// application, without an IAM user or a key.
func (t *Tenant) mergeStep(w *engine.World) engine.Step {
	after := []engine.ID{stepSAML, stepURLs}
	for _, account := range w.Spec.DirectAccounts() {
		for _, r := range w.Spec.RolesIn(account.ID) {
			after = append(after, engine.RoleStep(account.ID, r.Name))
		}
	}
	for _, target := range w.Spec.Targets() {
		after = append(after, aws.InstancesStep(target))
	}
	permissions := []engine.Permission{{Action: "Application.ReadWrite.All"}}
	if t.AWS != nil {
		permissions = append(permissions, engine.Permission{Action: "iam:ListRoles"})
	}
	return t.step(engine.Step{
		Obsolete: t.obsoleteRoles,
		ID:       stepRoles, Title: "roles in the application", After: after,
		Why: "Entra's import reads one account per application and needs a long-lived access key. Instead, " +
			"o365aws lists the roles that trust the provider in every account and writes them into one " +
			"application, without an IAM user or a key.",
		Permissions: permissions,
		Settle:      3 * time.Minute, Waits: "Entra to show the roles",
		Manual: []string{
			"Graph Explorer, PATCH /servicePrincipals/{id}: appRoles with all existing entries and, for each AWS " +
				"role, one with the value ROLE-ARN,PROVIDER-ARN.",
		},
		Command: "o365aws admin sync-roles",
	}, t.checkMerge, t.applyMerge)
}

// parallelAccounts limits how many accounts are listed at a time.
const parallelAccounts = 8

// roleValues returns the values of the roles that the application must have: the
// roles of the spec, and those in the accounts that trust the provider and are not
// obsolete. unread are the members of the organization that could not be read.
func (t *Tenant) roleValues(ctx context.Context, w *engine.World) (values, unread []string, err error) {
	if t.AWS == nil {
		return w.Spec.RoleValues(), nil, nil
	}
	// The members are read each time: roles of an unknown account would be
	// removed from the application.
	if err := t.AWS.LearnMembers(ctx, w.Spec); err != nil {
		return nil, nil, err
	}
	values = w.Spec.RoleValues()
	direct := w.Spec.DirectAccounts()
	accounts := append(direct, aws.Scanned(w.Spec)...)
	lists := make([][]aws.FederatedRole, len(accounts))
	errs := make([]error, len(accounts))
	var group errgroup.Group
	group.SetLimit(parallelAccounts)
	for i, account := range accounts {
		group.Go(func() error {
			lists[i], errs[i] = t.AWS.Federated(ctx, w.Spec, account)
			if i < len(direct) {
				return errs[i]
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	for i, roles := range lists {
		if errs[i] != nil {
			unread = append(unread, accounts[i].ID)
		}
		provider := w.Spec.ProviderARN(accounts[i].ID)
		for _, r := range roles {
			if slices.Equal(r.Providers, []string{provider}) && !w.IsObsolete(r.ARN) && len(r.ARN+","+provider) < spec.MaxPair {
				values = append(values, r.ARN+","+provider)
			}
		}
	}
	slices.Sort(values)
	return slices.Compact(values), unread, nil
}

// merge is a change of the application's list of roles.
type merge struct {
	changes  []engine.Change
	roles    []graph.AppRole // with the new ones
	obsolete []graph.AppRole // those of roles to delete
}

// maxAppRoles is how many entries the directory allows.
// Source: learn.microsoft.com/entra/identity/users/directory-service-limits-restrictions
const (
	maxAppRoles  = 1200
	galleryRoles = 2 // User and msiam_access, which the application has from the start
)

// tooManyRoles is the error of roles that exceed the limit of the directory.
type tooManyRoles struct{ error }

// Unwrap returns the error for people.
func (e tooManyRoles) Unwrap() error { return e.error }

// TooManyRoles returns the error of a plan with more roles than an application can have,
// or nil.
func TooManyRoles(plan engine.Report) error {
	result, _ := plan.Find(stepRoles)
	if e := (tooManyRoles{}); errors.As(result.Err, &e) {
		return e.error
	}
	return nil
}

func accountOf(value string) string {
	account, _, _ := strings.Cut(roleName(value), "/")
	return account
}

// mergeRoles returns the change that gives the application the roles with the
// given values. Roles that the principal inherits, and those of other providers,
// stay unchanged.
func mergeRoles(s *spec.Spec, p graph.ServicePrincipal, values, unread []string) (merge, error) {
	var m merge
	missing := map[string]bool{}
	for _, value := range values {
		missing[value] = true
	}
	for _, role := range p.AppRoles {
		switch {
		case role.Origin == "Application" || !ofProvider(s, role.Value) && role.ID != roleID(p.ID, role.Value):
		case !missing[role.Value] && slices.Contains(unread, accountOf(role.Value)):
		case !missing[role.Value]:
			m.obsolete = append(m.obsolete, role)
		case !role.Enabled:
			m.changes = append(m.changes, engine.Change{Attribute: roleName(role.Value), Have: "disabled", Want: "enabled"})
			role.Enabled = true
			fallthrough
		default:
			delete(missing, role.Value)
		}
		m.roles = append(m.roles, role)
	}
	for _, value := range values {
		if !missing[value] {
			continue
		}
		delete(missing, value)
		m.changes = append(m.changes, engine.Change{Attribute: roleName(value), Want: "enabled"})
		m.roles = append(m.roles, newAppRole(p.ID, value))
	}
	n := len(m.roles) - len(m.obsolete)
	if p.ID == "" {
		n += galleryRoles
	}
	if n > maxAppRoles {
		return m, tooManyRoles{fault.Newf(
			fault.Unsatisfied, "an application has at most %d roles, and this would be %d", maxAppRoles, n,
		).Hint("use several applications: one spec file for each part of the accounts, with a name of its own " +
			"and application.identifier ending in #1, #2, ...")}
	}
	return m, nil
}

// ofProvider reports whether a value names the spec's provider, of any account:
// the roles of an account that was removed from the spec count too.
func ofProvider(s *spec.Spec, value string) bool {
	_, provider, ok := strings.Cut(value, ",")
	return ok && strings.HasPrefix(provider, "arn:"+s.Partition+":iam::") &&
		strings.HasSuffix(provider, ":saml-provider/"+s.Provider.Name)
}

// newAppRole returns the entry of a role. Its name is the one that Entra's import
// gives it, with the account, which tells equal roles of several accounts apart.
func newAppRole(principalID, value string) graph.AppRole {
	_, provider, _ := strings.Cut(value, ":saml-provider/")
	return graph.AppRole{
		ID: roleID(principalID, value), MemberTypes: []string{"User"}, Enabled: true, Value: value,
		DisplayName: roleName(value) + "," + provider, Description: "AWS role " + roleName(value),
	}
}

func (t *Tenant) checkMerge(ctx context.Context, w *engine.World) (engine.Finding, error) {
	p, err := t.principal(ctx, w)
	if err != nil {
		return engine.Finding{}, err
	}
	values, unread, err := t.roleValues(ctx, w)
	if err != nil {
		return engine.Finding{}, err
	}
	m, err := mergeRoles(w.Spec, p, values, unread)
	if err != nil {
		return engine.Finding{}, err
	}
	job, err := t.runningJob(ctx, w)
	if err != nil {
		return engine.Finding{}, err
	}
	if job != "" {
		m.changes = append(m.changes, engine.Change{Attribute: "provisioning", Have: "running", Want: "stopped"})
	}
	learnRoles(w, p)
	t.mu.Lock()
	t.obsoleteAppRoles = m.obsolete
	t.mu.Unlock()
	return comparedWith(p.ID != "", m.changes), nil
}

// runningJob returns the id of the provisioning job of an earlier style import, if it
// runs: it would disable merged roles again. A sign-in that may not read provisioning
// has not created a job.
func (t *Tenant) runningJob(ctx context.Context, w *engine.World) (string, error) {
	if w.Entra().ServicePrincipalID == "" {
		return "", nil
	}
	jobs, err := t.Graph.Jobs(ctx, w.Entra().ServicePrincipalID)
	if graph.IsForbidden(err) || graph.IsNotFound(err) {
		return "", nil
	}
	job := ofAWS(jobs)
	if err != nil || job == nil || job.Schedule.State != stateActive {
		return "", err
	}
	return job.ID, nil
}

// applyMerge stops provisioning and adds roles.
func (t *Tenant) applyMerge(ctx context.Context, w *engine.World) error {
	p, m, err := t.merge(ctx, w)
	if err != nil {
		return err
	}
	job, err := t.runningJob(ctx, w)
	if err != nil {
		return err
	}
	if job != "" {
		pause := func() error { return t.Graph.PauseJob(ctx, p.ID, job) }
		if err := t.asOwner(ctx, p.ID, pause); err != nil {
			return err
		}
	}
	if len(m.changes) == 0 {
		return nil
	}
	if len(m.roles) > maxAppRoles {
		return fault.Newf(fault.Unsatisfied, "an application has at most %d roles, and the new ones do not fit before "+
			"%d obsolete ones are deleted", maxAppRoles, len(m.obsolete)).
			Hint("delete them first: o365aws admin sync-roles")
	}
	return t.patchRoles(ctx, p.ID, m.roles)
}

// merge returns the principal and the change of its roles.
func (t *Tenant) merge(ctx context.Context, w *engine.World) (graph.ServicePrincipal, merge, error) {
	p, err := t.Graph.Principal(ctx, w.Entra().ServicePrincipalID)
	if err != nil {
		return p, merge{}, err
	}
	values, unread, err := t.roleValues(ctx, w)
	if err != nil {
		return p, merge{}, err
	}
	m, err := mergeRoles(w.Spec, p, values, unread)
	return p, m, err
}

func (t *Tenant) patchRoles(ctx context.Context, principalID string, roles []graph.AppRole) error {
	return explainRoles(t.Graph.PatchPrincipal(ctx, principalID, graph.PrincipalPatch{AppRoles: roles}))
}

// obsoleteRoles returns the roles of the application that are neither in the spec nor
// in AWS, and the provisioning job of an earlier style import. Roles are recognized by
// the provider, or by the id that the setup gives them.
func (t *Tenant) obsoleteRoles(ctx context.Context, w *engine.World) ([]engine.Undo, error) {
	if w.Entra().ServicePrincipalID == "" {
		return nil, nil
	}
	t.mu.Lock()
	roles := t.obsoleteAppRoles // of the check
	t.mu.Unlock()
	undos, err := t.obsoleteJob(ctx, w)
	if err != nil || len(roles) == 0 {
		return undos, err
	}
	var names []string
	for _, role := range roles {
		names = append(names, roleName(role.Value))
	}
	return append(undos, engine.Undo{
		What: "from the application: " + plural(len(names), "role ", "roles ") + strings.Join(names, ", "),
		Do:   func(ctx context.Context) error { return t.deleteRoles(ctx, w) },
	}), nil
}

// deleteRoles deletes the assignments of the obsolete roles, then disables the roles,
// then deletes them: the directory does not delete an enabled role.
func (t *Tenant) deleteRoles(ctx context.Context, w *engine.World) error {
	p, m, err := t.merge(ctx, w)
	if err != nil || len(m.obsolete) == 0 {
		return err
	}
	list, err := t.Graph.Assignments(ctx, p.ID)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(a graph.Assignment) bool {
		return !slices.ContainsFunc(m.obsolete, func(r graph.AppRole) bool { return r.ID == a.RoleID })
	})
	if err := t.unassign(ctx, w, list); err != nil {
		return err
	}
	disabled, remaining := withoutRoles(p.AppRoles, m.obsolete)
	if err := t.patchRoles(ctx, p.ID, disabled); err != nil {
		return err
	}
	return t.patchRoles(ctx, p.ID, remaining)
}

// withoutRoles returns a list of roles with the obsolete ones disabled, and one
// without them.
func withoutRoles(roles, obsolete []graph.AppRole) (disabled, remaining []graph.AppRole) {
	gone := map[string]bool{}
	for _, role := range obsolete {
		gone[role.ID] = true
	}
	for _, role := range roles {
		if gone[role.ID] {
			role.Enabled = false
		} else {
			remaining = append(remaining, role)
		}
		disabled = append(disabled, role)
	}
	return disabled, remaining
}

// explainRoles returns the error of a refused list of roles, with its cause.
func explainRoles(err error) error {
	if graph.IsMismatch(err) {
		return fault.Wrap(
			fault.Unsatisfied, err,
			"Entra refuses the list of roles: the roles of the app registration differ from the enterprise "+
				"application's copy",
			"the manifest of the registration was changed (api or appRoles): undo that change and run the "+
				"command again",
		)
	}
	return err
}

// SyncRoles deletes obsolete roles of the application, adds new ones, and returns
// the changes.
func (t *Tenant) SyncRoles(ctx context.Context, w *engine.World) ([]engine.Change, error) {
	if err := t.Find(ctx, w); err != nil {
		return nil, err
	}
	_, m, err := t.merge(ctx, w)
	if err != nil {
		return nil, err
	}
	var deleted []engine.Change
	for _, role := range m.obsolete {
		deleted = append(deleted, engine.Change{Attribute: roleName(role.Value), Have: "enabled"})
	}
	if err := t.deleteRoles(ctx, w); err != nil {
		return nil, err
	}
	step := t.mergeStep(w)
	step.After = nil
	f, err := step.Check(ctx, w)
	if err == nil && f.Status == engine.Forbidden {
		err = engine.Refusal(step, f)
	}
	if err != nil || f.Status == engine.Done {
		return deleted, err
	}
	report, err := (&engine.Runner{Steps: []engine.Step{step}, World: w, Pause: t.Wait}).Apply(ctx, engine.Report{})
	if err == nil {
		err = report.Err()
	}
	return append(deleted, f.Changes...), err
}
