package entra

import (
	"context"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/graph"
)

// samlStep returns the step for single sign-on by SAML. It comes before the
// identifier: tenants refuse foreign identifiers unless the application is in SAML
// mode.
func (t *Tenant) samlStep(*engine.World) engine.Step {
	return t.step(engine.Step{
		ID: stepSAML, Title: "single sign-on by SAML", After: []engine.ID{stepApplication},
		Why:         "AWS accepts sign-ins by SAML. Assignment is required, so that only assigned users can sign in.",
		Permissions: []engine.Permission{{Action: "Application.ReadWrite.All"}},
		Manual: []string{
			"The application, Single sign-on, SAML.",
			"The application, Properties, Assignment required: Yes, Save.",
		},
	}, t.checkSAML, t.applySAML)
}

func (t *Tenant) checkSAML(ctx context.Context, w *engine.World) (engine.Finding, error) {
	p, err := t.principal(ctx, w)
	if err != nil {
		return engine.Finding{}, err
	}
	changes, _ := samlChanges(w.Spec, p)
	return comparedWith(p.ID != "", changes), nil
}

// samlChanges returns what differs in the principal, and the patch that fixes it.
func samlChanges(s *spec.Spec, p graph.ServicePrincipal) ([]engine.Change, graph.PrincipalPatch) {
	var changes []engine.Change
	var patch graph.PrincipalPatch
	if p.SSOMode != "saml" {
		changes = append(changes, engine.Change{Attribute: "single sign-on mode", Have: p.SSOMode, Want: "saml"})
		patch.SSOMode = "saml"
	}
	if !p.AssignmentRequired {
		yes := true
		have := "no"
		if p.ID == "" {
			have = ""
		}
		changes = append(changes, engine.Change{Attribute: "assignment required", Have: have, Want: "yes"})
		patch.AssignmentRequired = &yes
	}
	if want := s.Application.NotificationEmails; len(want) > 0 && !sameSet(p.NotificationEmails, want) {
		changes = append(
			changes,
			engine.Change{Attribute: "notification e-mails", Have: strings.Join(
				p.NotificationEmails, ", ",
			), Want: strings.Join(want, ", ")},
		)
		patch.NotificationEmails = want
	}
	return changes, patch
}

func (t *Tenant) applySAML(ctx context.Context, w *engine.World) error {
	p, err := t.Graph.Principal(ctx, w.Entra().ServicePrincipalID)
	if err != nil {
		return err
	}
	changes, patch := samlChanges(w.Spec, p)
	if len(changes) == 0 {
		return nil
	}
	return t.Graph.PatchPrincipal(ctx, p.ID, patch)
}

// urlsStep returns the step for the rest of the basic SAML configuration.
func (t *Tenant) urlsStep(w *engine.World) engine.Step {
	return t.step(engine.Step{
		ID: stepURLs, Title: "identifier and reply URLs", After: []engine.ID{stepSAML},
		Why: "The identifier is the audience of the SAML response; AWS ignores the part after #, which " +
			"distinguishes several applications of a tenant. Entra sends SAML responses to the reply URLs only.",
		Permissions: []engine.Permission{{Action: "Application.ReadWrite.All"}},
		Manual: []string{
			"The application, Single sign-on, Basic SAML Configuration, Edit.",
			"Identifier: " + w.Spec.Application.Identifier + ".",
			"Reply URL: " + strings.Join(w.Spec.ReplyURLs(), ", ") + ". Save.",
		},
	}, t.checkURLs, t.applyURLs)
}

func (t *Tenant) checkURLs(ctx context.Context, w *engine.World) (engine.Finding, error) {
	app := graph.Application{DisplayName: w.Spec.Application.Name}
	if id := w.Entra().ApplicationID; id != "" {
		var err error
		if app, err = t.Graph.Application(ctx, id); err != nil && !graph.IsNotFound(err) {
			return engine.Finding{}, err
		}
	}
	w.LearnEntra(func(e *engine.EntraIDs) { e.Recorded = recorded(w.Spec, app.Tags) })
	changes, _ := urlChanges(w.Spec, app)
	return comparedWith(app.ID != "", changes), nil
}

func urlChanges(s *spec.Spec, app graph.Application) ([]engine.Change, graph.ApplicationPatch) {
	var changes []engine.Change
	var patch graph.ApplicationPatch
	if app.DisplayName != s.Application.Name {
		changes = append(changes, engine.Change{Attribute: "name", Have: app.DisplayName, Want: s.Application.Name})
		patch.DisplayName = s.Application.Name
	}
	if want := []string{s.Application.Identifier}; !sameSet(app.IdentifierURIs, want) {
		changes = append(changes, engine.Change{
			Attribute: "identifier", Have: strings.Join(app.IdentifierURIs, ", "), Want: want[0],
		})
		patch.IdentifierURIs = want
	}
	if want := s.ReplyURLs(); !sameSet(app.Web.RedirectURIs, want) {
		changes = append(
			changes,
			engine.Change{Attribute: "reply URLs", Have: strings.Join(
				app.Web.RedirectURIs, ", ",
			), Want: strings.Join(want, ", ")},
		)
		patch.Web = &graph.WebPatch{RedirectURIs: want}
	}
	have, want := recorded(s, app.Tags), s.Places()
	missing := slices.DeleteFunc(slices.Clone(want), func(p spec.Place) bool { return slices.Contains(have, p) })
	if len(missing) > 0 {
		changes = append(changes, engine.Change{Attribute: "recorded places", Want: aws.ShortList(placeNames(missing))})
		patch.Tags = withRecords(s, app.Tags, append(have, want...))
	}
	if !has(app.Tags, ourTag(s)) {
		changes = append(changes, engine.Change{Attribute: "tag", Want: ourTag(s)})
		patch.Tags = append(withRecords(s, app.Tags, append(have, want...)), ourTag(s))
	}
	return changes, patch
}

func (t *Tenant) applyURLs(ctx context.Context, w *engine.World) error {
	app, err := t.Graph.Application(ctx, w.Entra().ApplicationID)
	if err != nil {
		return err
	}
	changes, patch := urlChanges(w.Spec, app)
	if len(changes) == 0 {
		return nil
	}
	err = t.Graph.PatchApplication(ctx, app.ID, patch)
	if graph.IsTaken(err) {
		return fault.Wrap(
			fault.Unsatisfied, err,
			"another application of the tenant has the identifier "+w.Spec.Application.Identifier,
			"application.identifier: "+strings.Split(w.Spec.Application.Identifier, "#")[0]+"#2 in the spec tells "+
				"the two apart; AWS does not see what follows the #",
		)
	}
	return err
}
