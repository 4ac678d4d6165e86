package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/graph"
)

// jobStep returns the step for the provisioning job, which has no key yet.
func (t *Tenant) jobStep(*engine.World) engine.Step {
	return t.step(engine.Step{
		ID: engine.StepProvisioningJob, Title: "provisioning", After: []engine.ID{stepSAML},
		Why: "Entra lists the roles of the AWS account every forty minutes. It writes no users or groups " +
			"to AWS: the connection only reads roles.",
		Permissions: []engine.Permission{{Action: "Synchronization.ReadWrite.All"}},
		Manual:      []string{"The application, Provisioning, Get started, Provisioning Mode: Automatic."},
	}, t.checkJob, t.createJob)
}

// replicationTries is how often a call is repeated for an object that is not
// replicated yet.
const replicationTries = 5

// untilReplicated makes a call of the provisioning service and repeats it while the
// service does not know the principal yet: until then it denies access, although the
// permission is granted, or reports a conflict.
func (t *Tenant) untilReplicated(ctx context.Context, do func() error) error {
	var refusal error
	_, err := t.until(ctx, replicationTries, func() (bool, error) {
		refusal = do()
		if t.unknownYet(ctx, refusal) || graph.IsNotReplicated(refusal) {
			return false, nil
		}
		return refusal == nil, refusal
	})
	if err == nil {
		err = refusal
	}
	return err
}

// unknownYet reports whether provisioning denies what the token allows.
func (t *Tenant) unknownYet(ctx context.Context, err error) bool {
	return graph.IsForbidden(err) && t.mayProvision(ctx)
}

// job returns the provisioning job; nil if there is none.
func (t *Tenant) job(ctx context.Context, w *engine.World) (*graph.Job, error) {
	var jobs []graph.Job
	err := t.untilReplicated(ctx, func() (err error) {
		jobs, err = t.Graph.Jobs(ctx, w.Entra().ServicePrincipalID)
		return err
	})
	if err != nil {
		return nil, err
	}
	job := ofAWS(jobs)
	if job != nil {
		w.LearnEntra(func(e *engine.EntraIDs) { e.JobID = job.ID })
	}
	return job, nil
}

// ofAWS returns the job of the AWS template; nil if there is none.
func ofAWS(jobs []graph.Job) *graph.Job {
	for _, job := range jobs {
		if job.TemplateID == graph.SyncTemplate || strings.HasPrefix(job.ID, graph.SyncTemplate+".") {
			return &job
		}
	}
	return nil
}

// mayProvision reports whether the token allows provisioning.
func (t *Tenant) mayProvision(ctx context.Context) bool {
	grant, err := t.granted(ctx)
	return err == nil && grant.Known &&
		(grant.Allows(
			"Synchronization.ReadWrite.All",
		) || !grant.Delegated && grant.Allows("Application.ReadWrite.OwnedBy"))
}

func (t *Tenant) checkJob(ctx context.Context, w *engine.World) (engine.Finding, error) {
	if w.Entra().ServicePrincipalID == "" {
		return engine.IsMissing(engine.Change{Attribute: "provisioning", Want: "automatic"}), nil
	}
	job, err := t.job(ctx, w)
	if err != nil {
		return engine.Finding{}, err
	}
	if job == nil {
		return engine.IsMissing(engine.Change{Attribute: "provisioning", Want: "automatic"}), nil
	}
	return engine.IsDone(), nil
}

func (t *Tenant) createJob(ctx context.Context, w *engine.World) error {
	if job, err := t.job(ctx, w); err != nil || job != nil {
		return err
	}
	var job graph.Job
	var refusal error // any other error is for the step: the job may exist
	_, err := t.until(ctx, replicationTries, func() (bool, error) {
		job, refusal = t.Graph.CreateJob(ctx, w.Entra().ServicePrincipalID)
		return !t.unknownYet(ctx, refusal), nil
	})
	if err == nil {
		err = refusal
	}
	if err == nil {
		w.LearnEntra(func(e *engine.EntraIDs) { e.JobID = job.ID })
	}
	return err
}

// importKeys passes the access keys of the AWS side to provisioning.
type importKeys struct {
	t *Tenant
	w *engine.World
}

// keyTries is how often a new key is tested: AWS needs some seconds to replicate
// it.
const keyTries = 12

// Take implements KeyReceiver: test the connection, then save, as the portal
// does.
func (k importKeys) Take(ctx context.Context, _ string, key engine.KeyPair) error {
	ids := k.w.Entra()
	access := graph.AccessKey{ID: key.ID, Secret: key.Secret}
	var refusal error
	ok, err := k.t.until(ctx, keyTries, func() (bool, error) {
		refusal = k.t.untilReplicated(
			ctx, func() error { return k.t.Graph.ValidateKey(ctx, ids.ServicePrincipalID, ids.JobID, access) },
		)
		return refusal == nil, lasting(ctx, refusal)
	})
	if err != nil {
		return err
	}
	if !ok {
		return fault.Wrap(fault.Unsatisfied, refusal, "Entra cannot sign in to AWS with the new access key",
			"the import user needs its inline policy with iam:ListRoles, and no service control policy may forbid it",
			"run the command again: the key is replaced")
	}
	return k.t.untilReplicated(ctx, func() error {
		return k.t.Graph.SaveKey(ctx, ids.ServicePrincipalID, access, syncNotification(k.w.Spec))
	})
}

// lasting returns nil for an error that may be temporary, and others unchanged.
func lasting(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if e := graph.AsError(err); e != nil && e.Status == 400 {
		return nil
	}
	return err
}

// Works implements KeyReceiver.
func (k importKeys) Works(ctx context.Context, _ string) error {
	ids := k.w.Entra()
	return k.t.Graph.ValidateSaved(ctx, ids.ServicePrincipalID, ids.JobID)
}

// syncNotification returns who is notified of provisioning errors, in the JSON of
// the service.
func syncNotification(s *spec.Spec) string {
	type settings struct {
		Enabled         bool   `json:"Enabled"`
		Recipients      string `json:"Recipients"`
		DeleteThreshold bool   `json:"DeleteThresholdEnabled"`
	}
	to := strings.Join(s.Application.NotificationEmails, ",")
	data, _ := json.Marshal(settings{to != "", to, false}) // strings cannot fail
	return string(data)
}

// startStep returns the step that starts provisioning.
func (t *Tenant) startStep(w *engine.World) engine.Step {
	after := []engine.ID{engine.StepProvisioningJob}
	for _, account := range w.Spec.DirectAccounts() {
		after = append(after, engine.ImportKeyStep(account.ID))
		for _, r := range w.Spec.RolesIn(account.ID) {
			after = append(after, engine.RoleStep(account.ID, r.Name))
		}
	}
	return t.step(engine.Step{
		ID: stepImport, Title: "provisioning runs", After: after,
		Why: "Starts provisioning once the key works. If provisioning is in quarantine, o365aws reports " +
			"the reason and restarts it when the connection works again.",
		Permissions: []engine.Permission{{Action: "Synchronization.ReadWrite.All"}},
		Manual: []string{
			"The application, Provisioning, Start provisioning; or, if it is in quarantine, Restart provisioning.",
		},
	}, t.checkStart, t.applyStart)
}

// The states of a job and its schedule.
const (
	jobQuarantine = "Quarantine"
	jobPaused     = "Paused"
	stateActive   = "Active"
)

func (t *Tenant) checkStart(ctx context.Context, w *engine.World) (engine.Finding, error) {
	if w.Entra().JobID == "" {
		return engine.IsMissing(engine.Change{Attribute: "provisioning", Want: "running"}), nil
	}
	var job graph.Job
	if err := t.untilReplicated(ctx, func() (err error) {
		job, err = t.Graph.Job(ctx, w.Entra().ServicePrincipalID, w.Entra().JobID)
		return err
	}); err != nil {
		return engine.Finding{}, err
	}
	switch {
	case job.Status.Code == jobQuarantine:
		f := engine.Compared([]engine.Change{{Attribute: "provisioning", Have: "in quarantine", Want: "running"}})
		f.Warnings = []string{quarantine(job.Status)}
		return f, nil
	case job.Schedule.State != stateActive:
		return engine.Compared(
			[]engine.Change{{Attribute: "provisioning", Have: strings.ToLower(job.Schedule.State), Want: "running"}},
		), nil
	}
	return engine.IsDone(), nil
}

func (t *Tenant) applyStart(ctx context.Context, w *engine.World) error {
	ids := w.Entra()
	job, err := t.Graph.Job(ctx, ids.ServicePrincipalID, ids.JobID)
	if err != nil {
		return err
	}
	if job.Status.Code == jobQuarantine {
		if err := t.Graph.ValidateSaved(ctx, ids.ServicePrincipalID, ids.JobID); err != nil {
			if e := graph.AsError(err); e == nil || e.Status != 400 {
				return err
			}
			return fault.New(
				fault.Unsatisfied, quarantine(job.Status),
				"the access key that Entra has does not work: o365aws admin rotate-key gives it a new one",
				"then run this again",
			)
		}
		return t.asOwner(
			ctx, ids.ServicePrincipalID,
			func() error { return t.Graph.RestartJob(ctx, ids.ServicePrincipalID, ids.JobID) },
		)
	}
	if job.Schedule.State == stateActive {
		return nil
	}
	return t.asOwner(
		ctx, ids.ServicePrincipalID, func() error { return t.Graph.StartJob(ctx, ids.ServicePrincipalID, ids.JobID) },
	)
}

// quarantineReasons explains the codes of the service.
// Source: learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-quarantine-status
var quarantineReasons = map[string]string{
	"EncounteredQuarantineException":  "Entra cannot sign in to AWS with the access key it has",
	"EncounteredBaseEscrowThreshold":  "too many roles could not be imported",
	"EncounteredTotalEscrowThreshold": "too many roles could not be imported",
	"EncounteredEscrowProportionThreshold": "too large a part of the roles could not be imported, as with two " +
		"roles of the same value",
	"QuarantinedOnDemand":  "Microsoft support requested it",
	"TooManyDeletes":       "more roles would be deleted than the accidental deletion threshold allows",
	"IngestionInterrupted": "the import was interrupted",
}

// quarantine returns why provisioning is in quarantine.
func quarantine(s graph.JobStatus) string {
	text := "provisioning is in quarantine"
	if s.Quarantine == nil {
		return text
	}
	reason := quarantineReasons[s.Quarantine.Reason]
	if reason == "" {
		reason = s.Quarantine.Reason
	}
	text += ": " + reason
	if s.Quarantine.Error != nil && s.Quarantine.Error.Code != "" {
		text += " (" + s.Quarantine.Error.Code + ")"
	}
	if s.Quarantine.Next != nil {
		text += "; the next attempt is at " + s.Quarantine.Next.UTC().Format(time.RFC3339)
	}
	return text
}

// ownerLimit limits how long removing the owner may take.
const ownerLimit = time.Minute

// asOwner makes a call of provisioning. If the user lacks the permission, it makes
// the user an owner of the service principal, repeats the call, and removes the
// owner again in any case.
func (t *Tenant) asOwner(ctx context.Context, principalID string, do func() error) (err error) {
	grant, _ := t.granted(ctx)
	if !grant.Delegated {
		return t.untilReplicated(ctx, do)
	}
	if err = do(); !graph.IsForbidden(err) {
		return err
	}
	me, meErr := t.Graph.Me(ctx)
	owners, listErr := t.Graph.Owners(ctx, principalID)
	if meErr != nil || listErr != nil {
		return err
	}
	if isOneOf(owners, me.ID) {
		return err // an owner already: the cause is another one
	}
	added := true
	// Removed also if adding fails: the user may be an owner all the same.
	defer func() {
		if out := t.noOwner(ctx, principalID, me.ID, added); out != nil {
			if ctx.Err() != nil {
				err = nil // the owner matters more than the interruption
			}
			err = fault.Wrap(
				fault.Unsatisfied, errors.Join(err, out),
				me.PrincipalName+" is still an owner of the application and could not be removed",
				"Entra admin center, the application, Owners: remove "+me.PrincipalName,
			)
		}
	}()
	if add := t.Graph.AddOwner(ctx, principalID, me.ID); add != nil {
		added = ctx.Err() != nil || graph.IsUncertain(add)
		return err
	}
	_, last := t.until(ctx, replicationTries, func() (bool, error) {
		err = do()
		if graph.IsForbidden(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err == nil {
		err = last
	}
	return err
}

// noOwner removes an owner, even if ctx has ended. A new owner may not be
// replicated yet, so the list of owners decides at the end.
func (t *Tenant) noOwner(ctx context.Context, principalID, id string, added bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ownerLimit)
	defer cancel()
	out, err := t.until(ctx, replicationTries, func() (bool, error) {
		err := t.Graph.RemoveOwner(ctx, principalID, id)
		if graph.IsNotFound(err) {
			return !added, nil
		}
		return err == nil, err
	})
	if out || err != nil {
		return err
	}
	owners, err := t.Graph.Owners(ctx, principalID)
	if err == nil && isOneOf(owners, id) {
		err = fmt.Errorf("owner %s is listed by Microsoft Graph, but not found", id)
	}
	return err
}

func isOneOf(users []graph.User, id string) bool {
	return slices.ContainsFunc(users, func(u graph.User) bool { return u.ID == id })
}
