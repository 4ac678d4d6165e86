package graph

import (
	"encoding/json"
	"slices"

	"github.com/google/uuid"
)

// policy is a claims mapping policy.
type policy struct {
	id, name   string
	definition []string
}

func (p *policy) view() fields {
	return fields{"id": p.id, "displayName": p.name, "definition": p.definition, "isOrganizationDefault": false}
}

type policyChange struct {
	DisplayName string   `json:"displayName"`
	Definition  []string `json:"definition"`
}

// check checks the definition like the directory, with case-sensitive keys.
func (in policyChange) check() error {
	if len(in.Definition) != 1 {
		return badRequest("Property definition has an invalid value.")
	}
	var document struct {
		Policy struct {
			Version      int              `json:"Version"`
			IncludeBasic string           `json:"IncludeBasicClaimSet"`
			Schema       []map[string]any `json:"ClaimsSchema"`
		} `json:"ClaimsMappingPolicy"`
	}
	err := json.Unmarshal([]byte(in.Definition[0]), &document)
	if err != nil || document.Policy.Version != 1 ||
		document.Policy.IncludeBasic != "true" && document.Policy.IncludeBasic != "false" {
		return badRequest("Property definition has an invalid value.")
	}
	known := []string{
		"Source", "ID", "Value", "SamlClaimType", "JwtClaimType", "SamlNameFormat", "TransformationId", "ExtensionID",
	}
	for _, entry := range document.Policy.Schema {
		for key := range entry {
			if !slices.Contains(known, key) {
				return badRequest("Property definition has an invalid value: %s.", key)
			}
		}
		if entry["SamlClaimType"] == nil || entry["Value"] == nil && (entry["Source"] == nil || entry["ID"] == nil) {
			return badRequest("Property definition has an invalid value: a claim without source.")
		}
	}
	return nil
}

func (d *Directory) rule(id string) *policy {
	for _, p := range d.rules {
		if p.id == id {
			return p
		}
	}
	return nil
}

func (d *Directory) listPolicies(r *request) (*response, error) {
	views := []fields{}
	for _, p := range d.rules {
		views = append(views, p.view())
	}
	return d.paged(r, views)
}

func (d *Directory) createPolicy(r *request) (*response, error) {
	var in policyChange
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	p := &policy{uuid.NewString(), in.DisplayName, in.Definition}
	d.rules = append(d.rules, p)
	return created(p.view())
}

func (d *Directory) patchPolicy(r *request) (*response, error) {
	var in policyChange
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	p := d.rule(r.PathValue("rule"))
	if p == nil {
		return nil, notFound(r.PathValue("rule"))
	}
	if in.Definition != nil {
		if err := in.check(); err != nil {
			return nil, err
		}
		p.definition = in.Definition
	}
	if in.DisplayName != "" {
		p.name = in.DisplayName
	}
	return nil, nil
}

func (d *Directory) deletePolicy(r *request) (*response, error) {
	id := r.PathValue("rule")
	if d.rule(id) == nil {
		return nil, notFound(id)
	}
	if slices.ContainsFunc(d.apps, func(a *application) bool { return slices.Contains(a.rules, id) }) {
		return nil, badRequest("The policy is in use.")
	}
	d.rules = slices.DeleteFunc(d.rules, func(p *policy) bool { return p.id == id })
	return nil, nil
}

func (d *Directory) policiesOf(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	views := []fields{}
	for _, id := range a.rules {
		views = append(views, d.rule(id).view())
	}
	return d.paged(r, views)
}

func (d *Directory) usePolicy(r *request) (*response, error) {
	a, id, err := d.referring(r)
	switch {
	case err != nil:
		return nil, err
	case d.rule(id) == nil:
		return nil, notFound(id)
	case len(a.rules) > 0:
		return nil, badRequest(
			"One or more added object references already exist for the following modified properties: " +
				"'claimsMappingPolicies'.",
		)
	}
	a.rules = append(a.rules, id)
	return nil, nil
}

func (d *Directory) dropPolicy(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	return nil, drop(&a.rules, r.PathValue("rule"))
}
