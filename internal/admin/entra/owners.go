package entra

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/graph"
)

// ownersStep returns the step for the owners of the application.
func (t *Tenant) ownersStep(w *engine.World) engine.Step {
	return t.step(engine.Step{
		ID: stepOwners, Title: "owners of the application",
		After: []engine.ID{stepURLs}, // which changes the tags too
		Why: "An owner can manage the application, its provisioning and its certificate without a " +
			"directory role.",
		Permissions: []engine.Permission{{Action: "Application.ReadWrite.All"}, {Action: "Directory.Read.All"}},
		Manual:      []string{"The application, Owners, Add: " + strings.Join(w.Spec.Application.Owners, ", ") + "."},
	}, t.checkOwners, t.addOwners)
}

// ownerTag returns the prefix of the tags with the ids of the owners that the setup
// added. It tells them from owners that were added by hand.
func ownerTag(s *spec.Spec) string { return ourTag(s) + ":owner:" }

func (t *Tenant) checkOwners(ctx context.Context, w *engine.World) (engine.Finding, error) {
	want, have, err := t.owners(ctx, w)
	if err != nil {
		return engine.Finding{}, err
	}
	var changes []engine.Change
	for _, u := range missingOwners(want, have) {
		changes = append(changes, engine.Change{Attribute: "owner", Want: u.PrincipalName})
	}
	return engine.Compared(changes), nil
}

// addOwners adds the tag of an owner first: an interrupted run must not leave an
// owner that seems to have been added by hand.
func (t *Tenant) addOwners(ctx context.Context, w *engine.World) error {
	want, have, err := t.owners(ctx, w)
	missing := missingOwners(want, have)
	if err != nil || len(missing) == 0 {
		return err
	}
	if err := t.editTags(ctx, w, func(tags []string) []string {
		for _, u := range missing {
			tags = append(tags, ownerTag(w.Spec)+u.ID)
		}
		return tags
	}); err != nil {
		return err
	}
	for _, u := range missing {
		if err := t.Graph.AddOwner(ctx, w.Entra().ServicePrincipalID, u.ID); err != nil {
			return err
		}
	}
	return nil
}

// editTags changes the tags of the application.
func (t *Tenant) editTags(ctx context.Context, w *engine.World, edit func([]string) []string) error {
	app, err := t.Graph.Application(ctx, w.Entra().ApplicationID)
	if err != nil {
		return err
	}
	tags := edit(slices.Clone(app.Tags))
	slices.Sort(tags)
	return t.Graph.PatchApplication(ctx, app.ID, graph.ApplicationPatch{Tags: slices.Compact(tags)})
}

// owners returns the owners in the spec and those of the application.
func (t *Tenant) owners(ctx context.Context, w *engine.World) (want, have []graph.User, err error) {
	want, err = t.usersNamed(ctx, w.Spec.Application.Owners)
	if err != nil || w.Entra().ServicePrincipalID == "" {
		return want, nil, err
	}
	have, err = t.Graph.Owners(ctx, w.Entra().ServicePrincipalID)
	return want, have, err
}

func missingOwners(want, have []graph.User) []graph.User {
	return slices.DeleteFunc(slices.Clone(want), func(u graph.User) bool { return isOneOf(have, u.ID) })
}

// obsoleteOwners returns the owners that the setup added and the spec no longer
// names. If the spec has owners, it also names others, which stay.
func (t *Tenant) obsoleteOwners(ctx context.Context, w *engine.World) ([]engine.Undo, error) {
	want, have, err := t.owners(ctx, w)
	if err != nil {
		return nil, err
	}
	app, err := t.Graph.Application(ctx, w.Entra().ApplicationID)
	if err != nil {
		return nil, err
	}
	var undos []engine.Undo
	for _, u := range have {
		if len(want) > 0 && !isOneOf(want, u.ID) && !has(app.Tags, ownerTag(w.Spec)+u.ID) {
			undos = append(undos, engine.Undo{
				What: "owner " + cmp.Or(u.PrincipalName, u.DisplayName, u.ID), Keep: "it was not added by this setup",
			})
		}
	}
	var ids []string
	for _, tag := range app.Tags {
		if id, ours := strings.CutPrefix(tag, ownerTag(w.Spec)); ours && isOneOf(have, id) && !isOneOf(want, id) {
			ids = append(ids, id)
		}
	}
	users, err := t.Graph.UsersByID(ctx, ids)
	if err != nil && !graph.IsForbidden(err) { // the ids are enough
		return nil, err
	}
	for _, id := range ids {
		name := id
		if i := slices.IndexFunc(users, func(u graph.User) bool { return u.ID == id }); i >= 0 {
			name = users[i].PrincipalName
		}
		undos = append(undos, engine.Undo{What: "owner " + name, Do: func(ctx context.Context) error {
			if err := absent(t.Graph.RemoveOwner(ctx, w.Entra().ServicePrincipalID, id)); err != nil {
				return err
			}
			return t.editTags(ctx, w, func(tags []string) []string {
				return slices.DeleteFunc(tags, func(tag string) bool { return tag == ownerTag(w.Spec)+id })
			})
		}})
	}
	return undos, nil
}
