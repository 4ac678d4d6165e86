package graph

import (
	"reflect"
	"slices"
	"strings"
)

func (d *Directory) listPrincipals(r *request) (*response, error) {
	var views []fields
	for _, a := range d.apps {
		views = append(views, d.principalView(a, false))
	}
	views, err := filtered(r, views)
	if err != nil {
		return nil, err
	}
	return d.paged(r, views)
}

func (d *Directory) getPrincipal(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	d.readKeys(a)
	d.readRoles(a)
	return one(r, d.principalView(a, strings.Contains(r.URL.Query().Get("$select"), "keyCredentials")))
}

// principalChange is the body of a PATCH of a principal.
type principalChange struct {
	Mode       *string         `json:"preferredSingleSignOnMode"`
	Thumbprint *string         `json:"preferredTokenSigningKeyThumbprint"`
	Required   *bool           `json:"appRoleAssignmentRequired"`
	Emails     *[]string       `json:"notificationEmailAddresses"`
	Roles      *[]appRole      `json:"appRoles"`
	Keys       *[]keyReference `json:"keyCredentials"`
	Passwords  *[]keyReference `json:"passwordCredentials"`
}

func (d *Directory) patchPrincipal(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	var in principalChange
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.Roles != nil {
		if err := d.replaceRoles(a, *in.Roles); err != nil {
			return nil, err
		}
	}
	if in.Thumbprint != nil {
		if err := d.activate(a, *in.Thumbprint); err != nil {
			return nil, err
		}
	}
	if in.Keys != nil || in.Passwords != nil {
		if err := d.keepKeys(a, in); err != nil {
			return nil, err
		}
	}
	if in.Mode != nil {
		a.mode = *in.Mode
	}
	if in.Required != nil {
		a.required = *in.Required
	}
	if in.Emails != nil {
		a.emails = *in.Emails
	}
	return nil, nil
}

// maxRoles is the maximum number of entries in all collections of a manifest.
const maxRoles = 1200

// replaceRoles replaces the list. Inherited roles must be unchanged, and others can
// be removed only if they are disabled.
// Source: learn.microsoft.com/entra/identity-platform/enterprise-app-role-management
func (d *Directory) replaceRoles(a *application, roles []appRole) error {
	mismatch := badRequest("Property appRoles on the service principal does not match the application object.")
	if d.faults["roles-mismatch"] {
		return mismatch
	}
	if len(roles) > maxRoles {
		return badRequest("The directory object quota limit for appRoles has been exceeded: %d.", len(roles))
	}
	byID, values := map[string]appRole{}, map[string]bool{}
	var own []appRole
	for _, role := range roles {
		if _, twice := byID[role.ID]; twice || role.ID == "" {
			return badRequest("It contains a duplicate or empty value: id %q.", role.ID)
		}
		if role.Value != nil && *role.Value != "" {
			if values[*role.Value] {
				return badRequest("It contains duplicate value. Value: %s", *role.Value)
			}
			values[*role.Value] = true
		}
		byID[role.ID] = role
		if inherited := slices.IndexFunc(a.roles, func(r appRole) bool { return r.ID == role.ID }); inherited >= 0 {
			if !sameRole(a.roles[inherited], role) {
				return mismatch
			}
			continue
		}
		if !slices.Equal(role.MemberTypes, []string{"User"}) {
			return badRequest("allowedMemberTypes %q is not supported on a service principal.", role.MemberTypes)
		}
		if role.DisplayName == "" || role.Description == "" {
			return badRequest("displayName and description of an app role are required.")
		}
		role.Origin = "ServicePrincipal"
		own = append(own, role)
	}
	for _, role := range a.roles {
		if _, there := byID[role.ID]; !there {
			return mismatch
		}
	}
	for _, role := range a.own {
		if _, there := byID[role.ID]; !there && role.Enabled {
			return badRequest("Property value cannot be deleted unless it is disabled first: app role %s.", role.ID)
		}
	}
	a.own = own
	return nil
}

func sameRole(a, b appRole) bool {
	value := func(r appRole) string {
		if r.Value == nil {
			return ""
		}
		return *r.Value
	}
	return a.ID == b.ID && a.DisplayName == b.DisplayName && a.Description == b.Description && a.Enabled == b.Enabled &&
		reflect.DeepEqual(a.MemberTypes, b.MemberTypes) && value(a) == value(b)
}
