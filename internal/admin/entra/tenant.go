// Package entra contains the steps in the Microsoft Entra tenant: application,
// signing certificate, provisioning, roles and assignments.
package entra

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/graph"
)

// The steps of the tenant that others come after.
const (
	stepApplication engine.ID = "entra/application"
	stepSAML        engine.ID = "entra/saml"
	stepURLs        engine.ID = "entra/urls"
	stepCertificate engine.ID = "entra/certificate"
	stepClaims      engine.ID = "entra/claims"
	stepOwners      engine.ID = "entra/owners"
	stepImport      engine.ID = "entra/provisioning/start"
	stepRoles       engine.ID = "entra/roles"
	stepAssignments engine.ID = "entra/assignments"
)

// Tenant is the Entra side: application, certificate, provisioning, roles and
// assignments. One Tenant serves one run.
type Tenant struct {
	Graph     *graph.Client
	Identity  graph.Identity
	AWS       *aws.Clients // lists roles; nil if only those of the spec are known
	EntraOnly bool         // the run does not access AWS accounts that have been removed from the spec

	// Poll is the interval between checks of the import; 0 is 15 seconds.
	Poll time.Duration
	// ImportTimeout is how long an import may bring no roles before it is
	// restarted; 0 is 45 minutes.
	ImportTimeout time.Duration
	// Wait pauses between checks of objects that are not replicated yet; nil is
	// engine.Sleep.
	Wait func(context.Context, time.Duration) error

	mu               sync.Mutex
	grant            *graph.Grant
	obsoleteAppRoles []graph.AppRole // found by the last check

	created   graph.Certificate // by this run: reads may not show it yet
	restarted bool              // the import, by this run
	began     time.Time         // the wait for the import
}

// Attach connects the AWS side to the tenant: the source of the metadata, if
// the spec reads it from the tenant, and the receiver of the import key. Call it
// before Compose.
func (t *Tenant) Attach(w *engine.World) {
	if w.Spec.Provider.Metadata == spec.MetadataTenant {
		w.Metadata = metadata.Cached(tenantMetadata{t, w})
	}
	if w.Spec.Provisioning.Style == spec.StyleImport {
		w.Keys = importKeys{t, w}
	}
}

// Steps returns the steps of the tenant. It is an engine.Side.
func (t *Tenant) Steps(w *engine.World) ([]engine.Step, error) {
	steps := []engine.Step{
		t.signInStep(w), t.applicationStep(w), t.samlStep(w), t.urlsStep(w), t.certificateStep(w), t.metadataStep(w),
	}
	if w.Spec.Application.Claims.Used() {
		steps = append(steps, t.claimsStep(w))
	}
	if len(w.Spec.Application.Owners) > 0 {
		steps = append(steps, t.ownersStep(w))
	}
	switch w.Spec.Provisioning.Style {
	case spec.StyleImport:
		steps = append(steps, t.jobStep(w), t.startStep(w), t.importedStep(w))
	case spec.StyleMerge:
		steps = append(steps, t.mergeStep(w))
	}
	if w.Spec.Provisioning.Style != spec.StyleNone {
		steps = append(steps, t.assignmentsStep(w))
	}
	return steps, nil
}

const tenantGroup = "tenant"

// step adds what the steps of the tenant have in common: a missing permission is
// a finding, and objects that are not replicated yet are waited for.
func (t *Tenant) step(
	s engine.Step, check func(context.Context, *engine.World) (engine.Finding, error),
	apply func(context.Context, *engine.World) error,
) engine.Step {
	s.Group = tenantGroup
	s.Check = func(ctx context.Context, w *engine.World) (engine.Finding, error) {
		f, err := check(ctx, w)
		if e := graph.AsError(err); graph.IsForbidden(err) {
			return forbidden(e), nil
		}
		return f, err
	}
	if apply != nil {
		s.Apply = func(ctx context.Context, w *engine.World) error {
			err := apply(ctx, w)
			switch {
			case ctx.Err() != nil:
				return err
			case graph.IsNotReplicated(err):
				return engine.NotYet(err, "Entra to replicate the new objects")
			case graph.IsUncertain(err): // every Apply checks before it writes
				return engine.NotYet(err, "Microsoft Graph to recover")
			}
			return err
		}
	}
	return s
}

// forbidden returns the finding of a call that Graph denies.
func forbidden(e *graph.Error) engine.Finding {
	f := engine.IsForbidden(
		e.Need.Delegated, "Microsoft Graph denies access ("+e.Code+"): the permission "+e.Need.String()+" is missing",
		"an admin consents to it once: in the browser when signing in, or Entra admin center, App registrations, "+
			"API permissions",
	)
	if e.Need.Role != "" {
		f.Hints = append(f.Hints, "a user also needs the directory role "+e.Need.Role)
	}
	return f
}

// pause waits between two checks.
func (t *Tenant) pause(ctx context.Context, d time.Duration) error {
	if t.Wait != nil {
		return t.Wait(ctx, d)
	}
	return engine.Sleep(ctx, d)
}

// until calls check until it returns true, at most tries times.
func (t *Tenant) until(ctx context.Context, tries int, check func() (bool, error)) (bool, error) {
	for d := time.Second; ; d = min(2*d, 10*time.Second) {
		ok, err := check()
		if ok || err != nil {
			return ok, err
		}
		if tries--; tries <= 0 {
			return false, nil
		}
		if err := t.pause(ctx, d); err != nil {
			return false, err
		}
	}
}

// Find finds the application, for commands that need no other step, and stores
// its ids in the World.
func (t *Tenant) Find(ctx context.Context, w *engine.World) error {
	if err := found(ctx, w, t.signInStep(w), t.applicationStep(w)); err != nil {
		return err
	}
	if w.Spec.Provisioning.Style != spec.StyleImport {
		return nil
	}
	_, err := t.job(ctx, w) // stores its id in the World
	return err
}

// FindMetadata finds the application and its active certificate, which
// identify its metadata.
func (t *Tenant) FindMetadata(ctx context.Context, w *engine.World) error {
	return found(ctx, w, t.signInStep(w), t.applicationStep(w), t.certificateStep(w))
}

// FindProvisioning finds the application and its provisioning job.
func (t *Tenant) FindProvisioning(ctx context.Context, w *engine.World) error {
	return found(ctx, w, t.signInStep(w), t.applicationStep(w), t.jobStep(w))
}

// found checks steps that must all be done.
func found(ctx context.Context, w *engine.World, steps ...engine.Step) error {
	for _, step := range steps {
		f, err := step.Check(ctx, w)
		switch {
		case err != nil:
			return err
		case f.Status == engine.Forbidden:
			return engine.Refusal(step, f)
		case f.Status != engine.Done:
			return fault.Newf(fault.Unsatisfied, "%s does not exist yet", step.Title).Hint("create it with o365aws " +
				"admin apply")
		}
	}
	return nil
}

// signInStep returns the step that checks the tenant and the permissions of the
// sign-in before anything is written.
func (t *Tenant) signInStep(w *engine.World) engine.Step {
	cloud := w.Spec.GraphCloud()
	login := "az login --tenant " + w.Spec.Tenant
	if w.Spec.Cloud != "global" {
		login = "az cloud set --name " + cloud.CLI + " && " + login
	}
	return t.step(engine.Step{
		ID: engine.StepSignIn, Title: "sign-in to the tenant",
		Why: "All steps in the tenant use Microsoft Graph with this sign-in. o365aws reports missing permissions " +
			"before it writes anything.",
		Manual: []string{
			"Sign in to " + cloud.Portal + " as Application Administrator, Cloud Application Administrator or " +
				"Global Administrator.",
			"Compare the tenant at the top right.",
		},
		Command: login,
	}, t.checkSignIn, nil)
}

func (t *Tenant) checkSignIn(ctx context.Context, w *engine.World) (engine.Finding, error) {
	f, err := t.provenSignIn(ctx, w)
	if f.Status == engine.Forbidden || fault.KindOf(err) == fault.Config {
		t.Identity.Discard(ctx) // another sign-in may have what this one lacks
	}
	return f, err
}

func (t *Tenant) provenSignIn(ctx context.Context, w *engine.World) (engine.Finding, error) {
	grant, err := t.granted(ctx)
	if err != nil {
		return engine.Finding{}, err
	}
	if err := t.enter(ctx, w); err != nil {
		return engine.Finding{}, err
	}
	for _, p := range permissionsOf(w.Spec, grant.Delegated) {
		if grant.Known && !grant.Allows(p) {
			return engine.IsForbidden(p, "the sign-in lacks the Microsoft Graph permission "+p, consentHint(grant)), nil
		}
	}
	if role := missingRole(grant, w.Spec); role != "" {
		return engine.IsForbidden("", "the user who signed in has none of the directory roles "+role,
			"Entra admin center, Roles and administrators: assign one, or let a user who has it run the command"), nil
	}
	return engine.IsDone(), nil
}

// enter checks that the sign-in is for the tenant of the spec: another tenant
// may have applications of the same name and tag.
func (t *Tenant) enter(ctx context.Context, w *engine.World) error {
	o, err := t.Graph.Organization(ctx)
	if err != nil {
		return err
	}
	if o.ID == "" {
		return fault.New(fault.Auth, "Microsoft Graph returned no tenant for this sign-in", "sign in again")
	}
	if !ofTenant(o, w.Spec.Tenant) {
		return fault.Newf(
			fault.Config, "the sign-in is for the tenant %s (%s), not for %s", o.DisplayName, o.ID, w.Spec.Tenant,
		).
			Hint("sign in with an account of that tenant, or correct tenant in the spec")
	}
	w.LearnEntra(func(e *engine.EntraIDs) { e.TenantID = o.ID })
	return nil
}

func consentHint(g graph.Grant) string {
	if g.Delegated {
		return "sign in with --sign-in browser: an admin is asked to consent once. The Azure CLI's sign-in can " +
			"never have all of them"
	}
	return "Entra admin center, App registrations, the program, API permissions: add it as an application " +
		"permission and grant admin consent"
}

// granted returns the permissions of the token, which are read once.
func (t *Tenant) granted(ctx context.Context) (graph.Grant, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.grant != nil {
		return *t.grant, nil
	}
	grant, err := t.Identity.Grant(ctx)
	if err == nil {
		t.grant = &grant
	}
	return grant, err
}

func ofTenant(o graph.Organization, tenant string) bool {
	if strings.EqualFold(o.ID, tenant) {
		return true
	}
	for _, domain := range o.Domains {
		if strings.EqualFold(domain.Name, tenant) {
			return true
		}
	}
	return false
}

// permissionsOf returns the permissions that a run of the spec needs.
func permissionsOf(s *spec.Spec, delegated bool) []string {
	need := []string{"Application.ReadWrite.OwnedBy"} // enough for a service principal that owns the application
	if delegated {
		need = []string{"Application.ReadWrite.All"}
	}
	if s.Provisioning.Style == spec.StyleImport && delegated {
		need = append(need, "Synchronization.ReadWrite.All")
	}
	if len(s.Assignments) > 0 {
		need = append(need, "AppRoleAssignment.ReadWrite.All", "User.ReadBasic.All")
		for _, a := range s.Assignments {
			if a.Group != "" {
				need = append(need, "Group.Read.All")
				break
			}
		}
	}
	if s.Application.Claims.Used() {
		need = append(need, "Policy.ReadWrite.ApplicationConfiguration", "Policy.Read.All")
	}
	return need
}

// Directory roles by the ids of their templates.
// Source: learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
const (
	roleGlobal      = "62e90394-69f5-4237-9190-012177145e10"
	roleApplication = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
	roleCloudApp    = "158c047a-c907-4556-b7ef-446551a6b5f7"
	rolePrivileged  = "e8611ab8-c189-46e8-94e1-60213ab1f814"
)

// missingRole returns the directory roles of which the user needs one and has
// none; "" if the user has one, or if the token does not contain them.
func missingRole(g graph.Grant, s *spec.Spec) string {
	if !g.Known || !g.Delegated || len(g.Roles) == 0 || has(g.Roles, roleGlobal) {
		return ""
	}
	switch {
	case !has(g.Roles, roleApplication) && !has(g.Roles, roleCloudApp):
		return "Application Administrator, Cloud Application Administrator, Global Administrator"
	case s.Provisioning.Style == spec.StyleMerge && !has(g.Roles, rolePrivileged):
		return "Privileged Role Administrator, Global Administrator (to write roles into the application; " +
			"provisioning.style: import needs neither)"
	}
	return ""
}
