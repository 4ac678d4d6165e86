package entra

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/graph"
)

// importedStep returns the step that waits until the principal has the imported
// roles. The status of the job does not tell.
func (t *Tenant) importedStep(*engine.World) engine.Step {
	return t.step(engine.Step{
		ID: stepRoles, Title: "roles imported from AWS", After: []engine.ID{stepImport},
		Why: "A role can be assigned only after Entra has imported it. The first import takes about forty " +
			"minutes; you can interrupt the command and run it again.",
		Settle: 2 * time.Hour, Waits: "Entra to import the roles (about 40 minutes the first time; Ctrl-C is safe, " +
			"run the command again to continue)",
		Manual: []string{
			"The application, Provisioning: wait until the cycle is complete, about forty minutes; if no roles " +
				"appear, switch it Off and On.",
			"The application, Users and groups, Add user, Select a role: the roles are listed.",
		},
	}, t.checkImported, t.watchImport)
}

func (t *Tenant) checkImported(ctx context.Context, w *engine.World) (engine.Finding, error) {
	p, err := t.principal(ctx, w)
	if err != nil {
		return engine.Finding{}, err
	}
	learnRoles(w, p)
	var changes []engine.Change
	for _, value := range w.Spec.RoleValues() {
		if w.Entra().AppRoles[value] == "" {
			changes = append(changes, engine.Change{Attribute: roleName(value), Want: "imported"})
		}
	}
	if len(changes) > 0 {
		return engine.IsMissing(changes...), nil
	}
	return engine.IsDone(), nil
}

// learnRoles stores the enabled roles of the principal in the World.
func learnRoles(w *engine.World, p graph.ServicePrincipal) {
	roles := map[string]string{}
	for _, role := range p.AppRoles {
		if role.Enabled && role.Value != "" {
			roles[role.Value] = role.ID
		}
	}
	w.LearnEntra(func(e *engine.EntraIDs) { e.AppRoles = roles })
}

// roleName returns the value of a role in the form account/name.
func roleName(value string) string {
	arn, _, _ := strings.Cut(value, ",")
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return arn
	}
	return parts[4] + "/" + strings.TrimPrefix(parts[5], "role/")
}

const (
	importPoll    = 15 * time.Second
	importTimeout = 45 * time.Minute
)

// watchImport reports the progress of the import, and restarts it once if it
// brings no roles within the timeout.
func (t *Tenant) watchImport(ctx context.Context, w *engine.World) error {
	ids := w.Entra()
	job, err := t.Graph.Job(ctx, ids.ServicePrincipalID, ids.JobID)
	if err != nil {
		return err
	}
	t.mu.Lock()
	if t.began.IsZero() {
		t.began = w.Now()
	}
	waited, restarted := w.Now().Sub(t.began), t.restarted
	t.mu.Unlock()
	switch {
	case job.Status.Code == jobQuarantine:
		return fault.New(
			fault.Unsatisfied, quarantine(job.Status),
			"run the command again: the connection is tested, and provisioning restarted when it works",
			"o365aws admin rotate-key gives Entra a new access key",
		)
	case ended(job) && !restarted:
		if why := t.skipped(ctx, w); why != nil {
			return why
		}
	}
	if timeout := cmp.Or(t.ImportTimeout, importTimeout); waited > timeout && !restarted {
		t.mu.Lock()
		t.restarted = true
		t.mu.Unlock()
		if err := t.offAndOn(ctx, w); err != nil {
			return err
		}
	}
	if err := t.pause(ctx, cmp.Or(t.Poll, importPoll)); err != nil {
		return err
	}
	return engine.NotYet(errors.New(progress(job)), progress(job))
}

// ended reports whether an import cycle is complete.
func ended(job graph.Job) bool { return job.Status.Last != nil && job.Status.Last.Ended != nil }

// offAndOn pauses and starts the job, like Provisioning Status in the portal.
func (t *Tenant) offAndOn(ctx context.Context, w *engine.World) error {
	ids := w.Entra()
	return t.asOwner(ctx, ids.ServicePrincipalID, func() error {
		if err := t.Graph.PauseJob(ctx, ids.ServicePrincipalID, ids.JobID); err != nil {
			return err
		}
		return t.Graph.StartJob(ctx, ids.ServicePrincipalID, ids.JobID)
	})
}

// progress returns a line about the state of the import.
func progress(job graph.Job) string {
	text := "Entra to import the roles: " + job.Status.Code
	for _, p := range job.Status.Progress {
		if p.Total > 0 {
			text += fmt.Sprintf(", %s %d of %d", strings.ToLower(p.Units), p.Completed, p.Total)
		}
	}
	if ended(job) {
		text += fmt.Sprintf(
			", last cycle %s with %s", strings.ToLower(job.Status.Last.State),
			plural(int(job.Status.Last.Imported), "role", "roles"),
		)
		if passed := job.Status.Last.Escrowed; passed > 0 {
			text += fmt.Sprintf(", %d skipped", passed)
		}
	}
	return text + " (about 40 minutes the first time; Ctrl-C is safe, run the command again to continue)"
}

// skipped returns an error that names the roles of the spec that the import
// skips; nil if there are none or AWS cannot be read.
func (t *Tenant) skipped(ctx context.Context, w *engine.World) error {
	if t.AWS == nil {
		return nil
	}
	var reasons []string
	for _, account := range w.Spec.DirectAccounts() {
		roles, err := t.AWS.Federated(ctx, w.Spec, account)
		if err != nil {
			return nil // this check is optional
		}
		for _, r := range w.Spec.RolesIn(account.ID) {
			if why := passedOver(w.Spec, account.ID, r, roles); why != "" {
				reasons = append(reasons, "role "+account.ID+"/"+r.Name+" is skipped: "+why)
			}
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return fault.New(fault.Unsatisfied, "Entra's import skips "+plural(len(reasons), "role", "roles"), reasons...)
}

func passedOver(s *spec.Spec, account string, r spec.Role, roles []aws.FederatedRole) string {
	for _, found := range roles {
		if found.ARN != s.RoleARN(account, r) {
			continue
		}
		switch {
		case len(found.Providers) != 1:
			return fmt.Sprintf("its trust policy names %d SAML providers instead of one", len(found.Providers))
		case len(found.ARN+","+found.Providers[0]) >= spec.MaxPair:
			return fmt.Sprintf("the ARNs of role and provider are together %d characters or longer", spec.MaxPair)
		}
		return ""
	}
	return "" // it does not exist: another step reports that
}
