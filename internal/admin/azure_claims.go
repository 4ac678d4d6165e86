package admin

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/graph"
)

// claimsStep is what the gallery application's own claims lack.
func (t *Tenant) claimsStep(*World) Step {
	return t.step(Step{
		Undo: t.undoClaims,
		ID:   stepClaims, Title: "claims policy", After: []ID{stepSAML},
		Why:         "Role and session name are in the gallery application already. Session length, source identity and session tags need a claims policy, and once there is one, Entra's portal can no longer edit the application's claims.",
		Permissions: []Permission{{Action: "Policy.ReadWrite.ApplicationConfiguration"}, {Action: "Policy.Read.All"}},
		Manual: []string{
			"The application, Single sign-on, Attributes & Claims: add the claims by hand instead. A policy can be made through Microsoft Graph only.",
		},
	}, t.checkClaims, t.applyClaims)
}

const claimBase = "https://aws.amazon.com/SAML/Attributes/"

// claimsDefinition is the policy as the directory wants it: JSON in a string,
// the case of its keys counting.
func (s *Spec) claimsDefinition() string {
	user := func(claim, attribute string) map[string]string {
		return map[string]string{"Source": "user", "ID": attribute, "SamlClaimType": claimBase + claim}
	}
	schema := []map[string]string{user("Role", "assignedroles"), user("RoleSessionName", "userprincipalname")}
	if d := s.Application.Claims.SessionDuration; d != 0 {
		schema = append(
			schema,
			map[string]string{"Value": strconv.Itoa(int(d.Seconds())), "SamlClaimType": claimBase + "SessionDuration"},
		)
	}
	if source := s.Application.Claims.SourceIdentity; source != "" {
		schema = append(schema, user("SourceIdentity", source))
	}
	for _, tag := range slices.Sorted(maps.Keys(s.Application.Claims.PrincipalTags)) {
		schema = append(schema, user("PrincipalTag:"+tag, s.Application.Claims.PrincipalTags[tag]))
	}
	data, _ := json.Marshal(
		map[string]any{
			"ClaimsMappingPolicy": map[string]any{"Version": 1, "IncludeBasicClaimSet": "true", "ClaimsSchema": schema},
		},
	) // strings cannot fail
	return string(data)
}

func (s *Spec) claimsName() string { return "o365aws " + s.Name }

// policies returns our policy, nil when there is none, and the one in use.
func (t *Tenant) policies(ctx context.Context, w *World) (ours, used *graph.ClaimsPolicy, err error) {
	all, err := t.Graph.Policies(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range all {
		if p.DisplayName == w.Spec.claimsName() {
			ours = &p
		}
	}
	of, err := t.Graph.PoliciesOf(ctx, w.Entra().ServicePrincipalID)
	if len(of) > 0 {
		used = &of[0]
	}
	return ours, used, err
}

func (t *Tenant) checkClaims(ctx context.Context, w *World) (Finding, error) {
	if w.Entra().ServicePrincipalID == "" {
		f := IsMissing(Change{"definition", "", w.Spec.claimsDefinition()})
		f.Warnings = claimsWarnings(w.Spec, f.Status)
		return f, nil
	}
	ours, used, err := t.policies(ctx, w)
	if err != nil {
		return Finding{}, err
	}
	if used != nil && (ours == nil || used.ID != ours.ID) {
		return IsForbidden(
			"", "the application has a claims policy that was not made by this set-up: "+used.DisplayName,
			"take it from the application, or leave application.claims out of the spec",
		), nil
	}
	var f Finding
	switch {
	case ours == nil:
		f = IsMissing(Change{"definition", "", w.Spec.claimsDefinition()})
	default:
		var changes []Change
		if have := strings.Join(ours.Definition, ""); !samePolicy(have, w.Spec.claimsDefinition()) {
			changes = append(changes, Change{"definition", have, w.Spec.claimsDefinition()})
		}
		if used == nil {
			changes = append(changes, Change{"used by the application", "no", "yes"})
		}
		f = Compared(changes)
	}
	f.Warnings = claimsWarnings(w.Spec, f.Status)
	return f, nil
}

func claimsWarnings(s *Spec, status Status) []string {
	var warnings []string
	if status != Done {
		warnings = append(
			warnings, "with a claims policy, Entra's portal can no longer edit the claims of the application",
		)
	}
	if d := time.Duration(s.Application.Claims.SessionDuration); d != 0 && status != Done {
		warnings = append(
			warnings,
			"the claim SessionDuration also shortens sessions on the command line, to "+s.Application.Claims.SessionDuration.String(),
		)
	}
	return warnings
}

func (t *Tenant) applyClaims(ctx context.Context, w *World) error {
	ours, used, err := t.policies(ctx, w)
	if err != nil {
		return err
	}
	want := graph.ClaimsPolicy{DisplayName: w.Spec.claimsName(), Definition: []string{w.Spec.claimsDefinition()}}
	if ours == nil {
		made, err := t.Graph.CreatePolicy(ctx, want)
		if err != nil {
			return err
		}
		ours = &made
	} else if !samePolicy(strings.Join(ours.Definition, ""), want.Definition[0]) {
		if err := t.Graph.PatchPolicy(ctx, ours.ID, want); err != nil {
			return err
		}
	}
	if used != nil {
		return nil
	}
	return t.Graph.UsePolicy(ctx, w.Entra().ServicePrincipalID, ours.ID)
}

func (t *Tenant) undoClaims(ctx context.Context, w *World) (Undo, error) {
	if err := t.enter(ctx, w); err != nil {
		return Undo{}, err
	}
	f, err := t.findApplication(ctx, w)
	if err != nil {
		return Undo{}, err
	}
	principal := ""
	if f != nil && f.taken == "" {
		p, err := t.Graph.PrincipalOf(ctx, f.app.AppID)
		if err != nil && !graph.IsNotFound(err) {
			return Undo{}, err
		}
		principal = p.ID
	}
	all, err := t.Graph.Policies(ctx)
	if err != nil {
		return Undo{}, err
	}
	for _, p := range all {
		if p.DisplayName != w.Spec.claimsName() {
			continue
		}
		return Undo{What: "claims policy " + p.DisplayName, Do: func(ctx context.Context) error {
			if principal != "" {
				if err := t.Graph.DropPolicy(ctx, principal, p.ID); err != nil && !graph.IsNotFound(err) {
					return err
				}
			}
			err := t.Graph.DeletePolicy(ctx, p.ID)
			if graph.IsNotFound(err) {
				return nil
			}
			return err
		}}, nil
	}
	return Undo{}, nil
}
