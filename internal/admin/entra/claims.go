package entra

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/graph"
)

// claimsStep returns the step for claims beyond those of the gallery application.
func (t *Tenant) claimsStep(*engine.World) engine.Step {
	return t.step(engine.Step{
		Undo: t.undoClaims,
		ID:   stepClaims, Title: "claims policy", After: []engine.ID{stepSAML},
		Why: "The gallery application sends role and session name. Session length, source identity and " +
			"session tags need a claims policy; with one, the Entra portal can no longer edit the claims of the " +
			"application.",
		Permissions: []engine.Permission{
			{Action: "Policy.ReadWrite.ApplicationConfiguration"}, {Action: "Policy.Read.All"},
		},
		Manual: []string{
			"The application, Single sign-on, Attributes & Claims: add the claims by hand instead. A policy can be " +
				"made through Microsoft Graph only.",
		},
	}, t.checkClaims, t.applyClaims)
}

// attributeUPN is the attribute of the gallery application's RoleSessionName.
const attributeUPN = "userprincipalname"

const claimBase = "https://aws.amazon.com/SAML/Attributes/"

// claimsDefinition returns the policy in the form of the directory: JSON in a
// string, with case-sensitive keys.
func claimsDefinition(s *spec.Spec) string {
	user := func(claim, attribute string) map[string]string {
		return map[string]string{"Source": "user", "ID": attribute, "SamlClaimType": claimBase + claim}
	}
	claims := s.Application.Claims
	schema := []map[string]string{
		user("Role", "assignedroles"), user("RoleSessionName", cmp.Or(claims.SessionName, attributeUPN)),
	}
	if d := claims.SessionDuration; d != 0 {
		schema = append(
			schema,
			map[string]string{"Value": strconv.Itoa(int(d.Seconds())), "SamlClaimType": claimBase + "SessionDuration"},
		)
	}
	if source := claims.SourceIdentity; source != "" {
		schema = append(schema, user("SourceIdentity", source))
	}
	for _, tag := range slices.Sorted(maps.Keys(claims.PrincipalTags)) {
		schema = append(schema, user("PrincipalTag:"+tag, claims.PrincipalTags[tag]))
	}
	for _, tag := range claims.TransitiveTags {
		schema = append(schema, map[string]string{"Value": tag, "SamlClaimType": claimBase + "TransitiveTagKeys"})
	}
	data, _ := json.Marshal(
		map[string]any{
			"ClaimsMappingPolicy": map[string]any{"Version": 1, "IncludeBasicClaimSet": "true", "ClaimsSchema": schema},
		},
	) // strings cannot fail
	return string(data)
}

func claimsName(s *spec.Spec) string { return "o365aws " + s.Name }

// policies returns our policy and the one in use, each nil if there is none.
func (t *Tenant) policies(ctx context.Context, w *engine.World) (ours, used *graph.ClaimsPolicy, err error) {
	all, err := t.Graph.Policies(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range all {
		if p.DisplayName == claimsName(w.Spec) {
			ours = &p
		}
	}
	of, err := t.Graph.PoliciesOf(ctx, w.Entra().ServicePrincipalID)
	if len(of) > 0 {
		used = &of[0]
	}
	return ours, used, err
}

func (t *Tenant) checkClaims(ctx context.Context, w *engine.World) (engine.Finding, error) {
	if w.Entra().ServicePrincipalID == "" {
		f := engine.IsMissing(engine.Change{Attribute: "definition", Want: claimsDefinition(w.Spec)})
		f.Warnings = claimsWarnings(w.Spec, f.Status)
		return f, nil
	}
	ours, used, err := t.policies(ctx, w)
	if err != nil {
		return engine.Finding{}, err
	}
	if used != nil && (ours == nil || used.ID != ours.ID) {
		return engine.IsForbidden(
			"", "the application has a claims policy that was not created by this setup: "+used.DisplayName,
			"remove it from the application, or leave application.claims out of the spec",
		), nil
	}
	var f engine.Finding
	switch {
	case ours == nil:
		f = engine.IsMissing(engine.Change{Attribute: "definition", Want: claimsDefinition(w.Spec)})
	default:
		var changes []engine.Change
		if have := strings.Join(ours.Definition, ""); !spec.SamePolicy(have, claimsDefinition(w.Spec)) {
			changes = append(
				changes, engine.Change{Attribute: "definition", Have: have, Want: claimsDefinition(w.Spec)},
			)
		}
		if used == nil {
			changes = append(changes, engine.Change{Attribute: "used by the application", Have: "no", Want: "yes"})
		}
		f = engine.Compared(changes)
	}
	f.Warnings = claimsWarnings(w.Spec, f.Status)
	return f, nil
}

func claimsWarnings(s *spec.Spec, status engine.Status) []string {
	var warnings []string
	if status != engine.Done {
		warnings = append(
			warnings, "with a claims policy, Entra ignores claims that were set in the portal (Attributes & Claims), and "+
				"the portal can no longer edit them",
		)
	}
	if d := time.Duration(s.Application.Claims.SessionDuration); d != 0 && status != engine.Done {
		warnings = append(
			warnings,
			"the claim SessionDuration also limits sessions on the command line, to "+
				s.Application.Claims.SessionDuration.String(),
		)
	}
	return warnings
}

func (t *Tenant) applyClaims(ctx context.Context, w *engine.World) error {
	ours, used, err := t.policies(ctx, w)
	if err != nil {
		return err
	}
	want := graph.ClaimsPolicy{DisplayName: claimsName(w.Spec), Definition: []string{claimsDefinition(w.Spec)}}
	if ours == nil {
		made, err := t.Graph.CreatePolicy(ctx, want)
		if err != nil {
			return err
		}
		ours = &made
	} else if !spec.SamePolicy(strings.Join(ours.Definition, ""), want.Definition[0]) {
		if err := t.Graph.PatchPolicy(ctx, ours.ID, want); err != nil {
			return err
		}
	}
	if used != nil {
		return nil
	}
	return t.Graph.UsePolicy(ctx, w.Entra().ServicePrincipalID, ours.ID)
}

func (t *Tenant) undoClaims(ctx context.Context, w *engine.World) (engine.Undo, error) {
	if err := t.enter(ctx, w); err != nil {
		return engine.Undo{}, err
	}
	f, err := t.findApplication(ctx, w)
	if err != nil {
		return engine.Undo{}, err
	}
	principal := ""
	if f != nil && f.taken == "" {
		p, err := t.Graph.PrincipalOf(ctx, f.app.AppID)
		if err != nil && !graph.IsNotFound(err) {
			return engine.Undo{}, err
		}
		principal = p.ID
	}
	undo, err := t.ourPolicy(ctx, w, principal)
	if !w.Spec.Application.Claims.Used() {
		err = ignoreForbidden(err)
	}
	return undo, err
}

// ourPolicy returns how to delete our claims policy, which its name identifies.
func (t *Tenant) ourPolicy(ctx context.Context, w *engine.World, principalID string) (engine.Undo, error) {
	all, err := t.Graph.Policies(ctx)
	if err != nil {
		return engine.Undo{}, err
	}
	i := slices.IndexFunc(all, func(p graph.ClaimsPolicy) bool { return p.DisplayName == claimsName(w.Spec) })
	if i < 0 {
		return engine.Undo{}, nil
	}
	return engine.Undo{What: "claims policy " + all[i].DisplayName, Do: func(ctx context.Context) error {
		if principalID != "" {
			if err := t.Graph.DropPolicy(ctx, principalID, all[i].ID); err != nil && !graph.IsNotFound(err) {
				return err
			}
		}
		return absent(t.Graph.DeletePolicy(ctx, all[i].ID))
	}}, nil
}

// absent returns nil if the object of a deletion does not exist.
func absent(err error) error {
	if graph.IsNotFound(err) {
		return nil
	}
	return err
}
