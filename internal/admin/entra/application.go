package entra

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/graph"
	"github.com/o365aws/o365aws/internal/saml"
)

// ourTag returns the tag of the applications that the setup created.
func ourTag(s *spec.Spec) string { return spec.TagKey + ":" + s.Name }

// applicationStep returns the step for the enterprise application.
func (t *Tenant) applicationStep(w *engine.World) engine.Step {
	name := w.Spec.Application.Name
	return t.step(engine.Step{
		Undo: t.undoApplication, Obsolete: t.obsoleteSettings,
		ID: stepApplication, Title: "application " + name, After: []engine.ID{engine.StepSignIn},
		Why: "The gallery application \"AWS Single-Account Access\" is the Entra side of the connection: " +
			"users are assigned to it, and it issues the SAML responses for AWS. Its former name is \"Amazon Web " +
			"Services (AWS)\".",
		Permissions: []engine.Permission{{Action: "Application.ReadWrite.All"}},
		Settle:      3 * time.Minute, Waits: "Entra to show the application",
		Manual: []string{
			"Entra admin center, Enterprise applications, New application.",
			"Search the gallery for \"AWS Single-Account Access\" (not \"AWS IAM Identity Center\"), name it " + name +
				", Create.",
		},
		Command: "az rest --method POST --url " + w.Spec.GraphCloud().Graph + "/v1.0/applicationTemplates/" +
			graph.TemplateID + "/instantiate --body '{\"displayName\":\"" + name + "\"}'",
	}, t.checkApplication, t.createApplication)
}

// candidate is an application of the directory that may be that of the setup.
type candidate struct {
	app   graph.Application
	taken string // why the setup must not change it
	other string // how to create another one instead
	bare  bool   // it has neither identifier nor tag
	twins int    // number of further bare ones
}

// findApplication looks for the application by its identifier, by our tag, and
// last for a bare one: a run that ends right after the creation leaves one, and so
// does the portal, which does not require an identifier.
func (t *Tenant) findApplication(ctx context.Context, w *engine.World) (*candidate, error) {
	s := w.Spec
	if id := w.Entra().ApplicationID; id != "" {
		app, err := t.Graph.Application(ctx, id)
		if err == nil || !graph.IsNotFound(err) {
			return &candidate{app: app}, err
		}
		return nil, nil // not replicated yet, or deleted
	}
	byURI, err := t.Graph.ApplicationsByIdentifier(ctx, s.Application.Identifier)
	if err != nil {
		return nil, err
	}
	if len(byURI) > 0 {
		f := &candidate{app: byURI[0]}
		if !has(f.app.Tags, ourTag(s)) && !s.Application.Adopt {
			f.taken = fmt.Sprintf(
				"%s has the identifier %s and was not created by this setup", titled(f.app), s.Application.Identifier,
			)
			f.other = secondIdentifier(s)
		}
		return f, nil
	}
	all, err := t.Graph.Applications(ctx, graph.TemplateID)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b graph.Application) int { return strings.Compare(a.ID, b.ID) })
	for _, app := range all {
		if has(app.Tags, ourTag(s)) {
			return namesake(s, app), nil
		}
	}
	all = slices.DeleteFunc(all, func(a graph.Application) bool { return !bare(s, a) })
	if len(all) == 0 {
		return nil, nil
	}
	i := slices.IndexFunc(all, func(a graph.Application) bool { return a.DisplayName == s.Application.Name })
	return &candidate{app: all[max(i, 0)], bare: true, twins: len(all) - 1}, nil
}

// namesake returns the candidate of an application with our tag. One with another
// identifier that AWS accepts belongs to another setup of the same name, which
// applying this spec would take over. Any other identifier is drift.
func namesake(s *spec.Spec, app graph.Application) *candidate {
	f := &candidate{app: app}
	for _, identifier := range app.IdentifierURIs {
		base, _, _ := strings.Cut(identifier, "#")
		if _, ofAWS := saml.PartitionByACS(base); ofAWS && !s.Application.Adopt {
			f.taken = fmt.Sprintf(
				"%s of another setup with the name %s has the identifier %s", titled(app), s.Name, identifier,
			)
			f.other = "or set another name in the spec to create a second setup"
		}
	}
	return f
}

// bare reports whether an application may be a bare one of ours. The names of the
// gallery, old ones included, count if the spec has the identifier without a
// suffix: sign-ins to an application without an identifier use that one.
func bare(s *spec.Spec, a graph.Application) bool {
	marked := slices.ContainsFunc(a.Tags, func(tag string) bool { return strings.HasPrefix(tag, spec.TagKey+":") })
	plain := !strings.Contains(s.Application.Identifier, "#")
	named := a.DisplayName == s.Application.Name || plain && slices.Contains(graph.TemplateNames, a.DisplayName)
	return named && !marked && len(a.IdentifierURIs) == 0
}

// foreignReason returns why a bare application is not ours: it has another name,
// or a certificate that the setup did not create.
func foreignReason(s *spec.Spec, app graph.Application, p graph.ServicePrincipal) string {
	foreign := slices.ContainsFunc(
		p.KeyCredentials, func(k graph.Key) bool { return strings.TrimPrefix(k.Name, "CN=") != certificateName(s) },
	)
	if app.DisplayName == s.Application.Name && !foreign {
		return ""
	}
	return titled(app) + " is from the gallery too and was not created by this setup"
}

// titled returns the name of an application in messages.
func titled(app graph.Application) string {
	return "the application " + app.DisplayName + " (" + app.AppID + ")"
}

func (t *Tenant) checkApplication(ctx context.Context, w *engine.World) (engine.Finding, error) {
	f, err := t.findApplication(ctx, w)
	if err != nil {
		return engine.Finding{}, err
	}
	if f == nil {
		return engine.IsMissing(engine.Change{Attribute: "name", Want: w.Spec.Application.Name}), nil
	}
	if f.taken != "" {
		return notOurs(f.taken, f.other), nil
	}
	principal, err := t.Graph.PrincipalOf(ctx, f.app.AppID)
	if graph.IsNotFound(err) {
		return engine.IsMissing(engine.Change{Attribute: "service principal", Want: "of " + f.app.DisplayName}), nil
	}
	if err != nil {
		return engine.Finding{}, err
	}
	if f.bare && !w.Spec.Application.Adopt {
		if why := foreignReason(w.Spec, f.app, principal); why != "" {
			return notOurs(why, secondIdentifier(w.Spec)), nil
		}
	}
	w.LearnEntra(func(e *engine.EntraIDs) {
		e.ApplicationID, e.AppID, e.ServicePrincipalID = f.app.ID, f.app.AppID, principal.ID
	})
	done := engine.IsDone()
	if f.twins > 0 {
		done.Warnings = []string{
			plural(
				f.twins, "more unfinished application", "more unfinished applications",
			) + " of the same name in the tenant; delete those that are not used",
		}
	}
	return done, nil
}

func notOurs(why, other string) engine.Finding {
	return engine.IsForbidden(
		"", why, "set application.adopt: true in the spec to manage it and change it to match the spec", other,
	)
}

func secondIdentifier(s *spec.Spec) string {
	plain, _, _ := strings.Cut(s.Application.Identifier, "#")
	return "or application.identifier: " + plain + "#2 creates a second application"
}

// searchTries is how often an application is searched for before it is created.
const searchTries = 3

// createTries is how often an object is searched for after a creation with an
// uncertain answer.
const createTries = 10

// createApplication creates the application once. The service may answer 404
// although it created it, or not at all: then it is searched for, never created
// again.
func (t *Tenant) createApplication(ctx context.Context, w *engine.World) error {
	// Listings lag by some seconds.
	there, err := t.until(ctx, searchTries, func() (bool, error) {
		f, err := t.findApplication(ctx, w)
		return f != nil, err
	})
	if err != nil || there {
		return err
	}
	template, err := t.Graph.Template(ctx)
	if err != nil {
		return err
	}
	if template == "" {
		return fault.Newf(fault.Unsatisfied, "the gallery of this cloud (%s) has no application %q",
			w.Spec.Cloud, graph.TemplateNames[0]).Hint("create a non-gallery application by hand, set it up for SAML, and set application.name and " +
			"application.adopt: true in the spec")
	}
	app, principal, err := t.Graph.Instantiate(ctx, template, w.Spec.Application.Name)
	if err == nil {
		w.LearnEntra(func(e *engine.EntraIDs) {
			e.TemplateID, e.ApplicationID, e.AppID, e.ServicePrincipalID = template, app.ID, app.AppID, principal.ID
		})
		return nil
	}
	if ctx.Err() != nil || !graph.IsUncertain(err) {
		return err
	}
	there, lookErr := t.until(ctx, createTries, func() (bool, error) {
		f, err := t.findApplication(ctx, w)
		return f != nil && err == nil, err
	})
	if lookErr != nil {
		return lookErr
	}
	if !there { // probably not created: the next try searches first
		return err
	}
	return nil
}

// undoApplication deletes the application with its principal, roles, assignments,
// certificate and provisioning.
func (t *Tenant) undoApplication(ctx context.Context, w *engine.World) (engine.Undo, error) {
	if err := t.enter(ctx, w); err != nil {
		return engine.Undo{}, err
	}
	f, err := t.findApplication(ctx, w)
	if err != nil || f == nil {
		return engine.Undo{}, err
	}
	what := "application " + f.app.DisplayName + " with its assignments and provisioning; the directory keeps it " +
		"for 30 days"
	if !has(f.app.Tags, ourTag(w.Spec)) {
		return engine.Undo{What: what, Keep: "it does not have the tag " + ourTag(w.Spec)}, nil
	}
	if f.taken != "" {
		return engine.Undo{What: what, Keep: "its identifier is not that of the spec"}, nil
	}
	if other := otherSetup(w.Spec, f.app.Tags); other != "" {
		return engine.Undo{What: what, Keep: "the setup " + other + " uses it too"}, nil
	}
	return engine.Undo{What: what, Do: func(ctx context.Context) error {
		if err := t.checkRecords(ctx, w, f.app.ID); err != nil {
			return err
		}
		return absent(t.Graph.DeleteApplication(ctx, f.app.ID))
	}}, nil
}

// otherSetup returns the name of another setup whose tag an application has, or "".
func otherSetup(s *spec.Spec, tags []string) string {
	for _, tag := range tags {
		name, ok := strings.CutPrefix(tag, spec.TagKey+":")
		if ok && name != s.Name && !strings.Contains(name, ":") {
			return name
		}
	}
	return ""
}

// principal reads the service principal of the application. One that is not
// there yet, or not seen yet, is empty: all that is want of it is missing.
func (t *Tenant) principal(ctx context.Context, w *engine.World) (graph.ServicePrincipal, error) {
	id := w.Entra().ServicePrincipalID
	if id == "" {
		return graph.ServicePrincipal{}, nil
	}
	p, err := t.Graph.Principal(ctx, id)
	if graph.IsNotFound(err) {
		return graph.ServicePrincipal{}, nil
	}
	return p, err
}

// comparedWith returns the finding of an object that may not exist.
func comparedWith(there bool, changes []engine.Change) engine.Finding {
	if !there {
		return engine.IsMissing(changes...)
	}
	return engine.Compared(changes)
}
