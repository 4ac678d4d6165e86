package entra

import (
	"context"
	"strings"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/graph"
)

// obsoleteSettings returns the claims policy, the owners and the resources in accounts
// and stack sets that the setup created and the spec no longer names.
func (t *Tenant) obsoleteSettings(ctx context.Context, w *engine.World) ([]engine.Undo, error) {
	var undos []engine.Undo
	if !w.Spec.Application.Claims.Used() {
		undo, err := t.undoClaims(ctx, w)
		if err != nil {
			return nil, err
		}
		if undo.What != "" {
			undos = append(undos, undo)
		}
	}
	places, err := t.obsoletePlaces(ctx, w)
	if err != nil {
		return nil, err
	}
	undos = append(undos, places...)
	if w.Entra().ServicePrincipalID == "" {
		return undos, nil // destroy deletes the owners with the application
	}
	owners, err := t.obsoleteOwners(ctx, w)
	return append(undos, owners...), err
}

// obsoleteAssignments returns the assignments that are not in an exclusive spec.
func (t *Tenant) obsoleteAssignments(ctx context.Context, w *engine.World) ([]engine.Undo, error) {
	if !w.Spec.Exclusive || w.Entra().ServicePrincipalID == "" {
		return nil, nil
	}
	want, err := t.resolveAssignments(ctx, w, w.Spec.Assignments)
	if err != nil {
		return nil, err
	}
	p, err := t.Graph.Principal(ctx, w.Entra().ServicePrincipalID)
	if err != nil {
		return nil, err
	}
	have, err := t.Graph.Assignments(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	list, err := t.described(ctx, p, otherAssignments(want, have))
	if err != nil {
		return nil, err
	}
	undos := make([]engine.Undo, len(list))
	for i, a := range list {
		undos[i] = engine.Undo{What: "assignment of " + a.Role + " to " + a.String(), Do: func(ctx context.Context) error {
			return t.unassign(ctx, w, []graph.Assignment{{ID: a.assignment}})
		}}
	}
	return undos, nil
}

// obsoleteJob returns the provisioning job of an earlier style import.
func (t *Tenant) obsoleteJob(ctx context.Context, w *engine.World) ([]engine.Undo, error) {
	principalID := w.Entra().ServicePrincipalID
	jobs, err := t.Graph.Jobs(ctx, principalID)
	job := ofAWS(jobs)
	if err != nil || job == nil {
		return nil, ignoreForbidden(err)
	}
	return []engine.Undo{{
		What: "provisioning (" + strings.ToLower(job.Schedule.State) + ")",
		Do: func(ctx context.Context) error {
			return t.asOwner(ctx, principalID, func() error { return t.Graph.DeleteJob(ctx, principalID, job.ID) })
		},
	}}, nil
}

// ignoreForbidden returns nil for a missing permission: a sign-in without it has not
// created what it cannot read.
func ignoreForbidden(err error) error {
	if graph.IsForbidden(err) {
		return nil
	}
	return err
}
