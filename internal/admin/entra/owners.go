package entra

import (
	"context"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/graph"
)

// ownersStep returns the step for the owners of the application.
func (t *Tenant) ownersStep(w *engine.World) engine.Step {
	return t.step(engine.Step{
		ID: stepOwners, Title: "owners of the application", After: []engine.ID{stepApplication},
		Why: "An owner can manage the application, its provisioning and its certificate without a " +
			"directory role.",
		Permissions: []engine.Permission{{Action: "Application.ReadWrite.All"}, {Action: "Directory.Read.All"}},
		Manual:      []string{"The application, Owners, Add: " + strings.Join(w.Spec.Application.Owners, ", ") + "."},
	}, func(ctx context.Context, w *engine.World) (engine.Finding, error) {
		missing, err := t.missingOwners(ctx, w)
		if err != nil {
			return engine.Finding{}, err
		}
		var changes []engine.Change
		for _, u := range missing {
			changes = append(changes, engine.Change{Attribute: "owner", Want: u.PrincipalName})
		}
		return engine.Compared(changes), nil
	}, func(ctx context.Context, w *engine.World) error {
		missing, err := t.missingOwners(ctx, w)
		for _, u := range missing {
			if err := t.Graph.AddOwner(ctx, w.Entra().ServicePrincipalID, u.ID); err != nil {
				return err
			}
		}
		return err
	})
}

func (t *Tenant) missingOwners(ctx context.Context, w *engine.World) ([]graph.User, error) {
	users, err := t.usersNamed(ctx, w.Spec.Application.Owners)
	if err != nil || w.Entra().ServicePrincipalID == "" {
		return users, err
	}
	have, err := t.Graph.Owners(ctx, w.Entra().ServicePrincipalID)
	return slices.DeleteFunc(users, func(u graph.User) bool {
		return slices.ContainsFunc(have, func(o graph.User) bool { return o.ID == u.ID })
	}), err
}
