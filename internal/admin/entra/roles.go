package entra

import (
	"context"
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
	if w.Spec.Organization != nil {
		after = append(after, aws.StepInstances)
	}
	permissions := []engine.Permission{{Action: "Application.ReadWrite.All"}}
	if t.AWS != nil {
		permissions = append(permissions, engine.Permission{Action: "iam:ListRoles"})
	}
	return t.step(engine.Step{
		ID: stepRoles, Title: "roles in the application", After: after,
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
// roles of the spec, and those in the accounts that trust the provider.
func (t *Tenant) roleValues(ctx context.Context, w *engine.World) ([]string, error) {
	if t.AWS == nil {
		return w.Spec.RoleValues(), nil
	}
	// The members are read each time: roles of an unknown account would be
	// removed from the application.
	if w.Spec.Organization != nil {
		if err := t.AWS.LearnMembers(ctx, w.Spec); err != nil {
			return nil, err
		}
	}
	values := w.Spec.RoleValues()
	accounts := w.Spec.DirectAccounts()
	lists := make([][]aws.FederatedRole, len(accounts))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelAccounts)
	for i, account := range accounts {
		group.Go(func() (err error) {
			lists[i], err = t.AWS.Federated(ctx, w.Spec, account)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, roles := range lists {
		provider := w.Spec.ProviderARN(accounts[i].ID)
		for _, r := range roles {
			if slices.Equal(r.Providers, []string{provider}) && len(r.ARN+","+provider) < spec.MaxPair {
				values = append(values, r.ARN+","+provider)
			}
		}
	}
	slices.Sort(values)
	return slices.Compact(values), nil
}

// merge is a change of the application's list of roles.
type merge struct {
	changes []engine.Change
	first   []graph.AppRole // with removed roles disabled
	second  []graph.AppRole // without removed roles; nil if there are none
}

// maxAppRoles is how many entries the directory allows.
// Source: learn.microsoft.com/entra/identity/users/directory-service-limits-restrictions
const maxAppRoles = 1200

// mergeRoles returns the change that gives the application the roles with the
// given values. Roles that the principal inherits, and those of other providers,
// stay unchanged.
func mergeRoles(s *spec.Spec, p graph.ServicePrincipal, values []string) (merge, error) {
	var m merge
	missing := map[string]bool{}
	for _, value := range values {
		missing[value] = true
	}
	goes := map[string]bool{}
	for _, role := range p.AppRoles {
		switch {
		case role.Origin == "Application" || !ofProvider(s, role.Value):
		case !missing[role.Value]:
			m.changes = append(m.changes, engine.Change{Attribute: roleName(role.Value), Have: "there"})
			role.Enabled, goes[role.ID] = false, true
		case !role.Enabled:
			m.changes = append(
				m.changes, engine.Change{Attribute: roleName(role.Value), Have: "switched off", Want: "there"},
			)
			role.Enabled = true
			fallthrough
		default:
			delete(missing, role.Value)
		}
		m.first = append(m.first, role)
	}
	var come []graph.AppRole
	for _, value := range values {
		if !missing[value] {
			continue
		}
		delete(missing, value)
		m.changes = append(m.changes, engine.Change{Attribute: roleName(value), Want: "there"})
		come = append(come, newAppRole(p.ID, value))
	}
	if n := len(m.first) - len(goes) + len(come); n > maxAppRoles {
		return m, fault.Newf(
			fault.Unsatisfied, "an application holds %d roles at most, and these would be %d", maxAppRoles, n,
		).
			Hint("use several applications: one spec file for each part of the accounts, with a name of its own " +
				"and application.identifier ending in #1, #2, ...")
	}
	if len(goes) > 0 {
		m.second = append(
			slices.DeleteFunc(slices.Clone(m.first), func(r graph.AppRole) bool { return goes[r.ID] }),
			come...)
	}
	// New roles wait for the second list if both together exceed the limit.
	if len(m.first)+len(come) <= maxAppRoles {
		m.first = append(m.first, come...)
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
	values, err := t.roleValues(ctx, w)
	if err != nil {
		return engine.Finding{}, err
	}
	m, err := mergeRoles(w.Spec, p, values)
	if err != nil {
		return engine.Finding{}, err
	}
	learnRoles(w, p)
	return comparedWith(p.ID != "", m.changes), nil
}

// applyMerge writes the list once, and again without the removed roles: a role
// must be disabled before it can be removed.
func (t *Tenant) applyMerge(ctx context.Context, w *engine.World) error {
	p, err := t.Graph.Principal(ctx, w.Entra().ServicePrincipalID)
	if err != nil {
		return err
	}
	values, err := t.roleValues(ctx, w)
	if err != nil {
		return err
	}
	m, err := mergeRoles(w.Spec, p, values)
	if err != nil || len(m.changes) == 0 {
		return err
	}
	for _, roles := range [][]graph.AppRole{m.first, m.second} {
		if roles == nil {
			continue
		}
		if err := t.Graph.PatchPrincipal(ctx, p.ID, graph.PrincipalPatch{AppRoles: roles}); err != nil {
			return explainRoles(err)
		}
	}
	return nil
}

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

// SyncRoles updates the application's roles and returns the changes.
func (t *Tenant) SyncRoles(ctx context.Context, w *engine.World) ([]engine.Change, error) {
	if err := t.Find(ctx, w); err != nil {
		return nil, err
	}
	step := t.mergeStep(w)
	step.After = nil
	f, err := step.Check(ctx, w)
	switch {
	case err != nil:
		return nil, err
	case f.Status == engine.Forbidden:
		return nil, engine.Refusal(step, f)
	case f.Status == engine.Done:
		return nil, nil
	}
	report, err := (&engine.Runner{Steps: []engine.Step{step}, World: w, Pause: t.Wait}).Apply(ctx, engine.Report{})
	if err == nil {
		err = report.Err()
	}
	return f.Changes, err
}
