package graph

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// TemplateID is the ID of "AWS Single-Account Access" in the gallery.
// Source: learn.microsoft.com/entra/identity/saas-apps/amazon-web-service-tutorial
const TemplateID = "8b1025e4-1dd2-430b-a150-2ef79cd700f5"

// Permissions for calls on applications.
var (
	readApps  = Need{"Application.Read.All", "Application.Read.All", ""}
	writeApps = Need{
		"Application.ReadWrite.All", "Application.ReadWrite.OwnedBy",
		"Application Administrator or Cloud Application Administrator",
	}
	// writeRoles is required to add roles to a service principal; few directory roles
	// grant it.
	writeRoles = Need{"Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Privileged Role Administrator"}
)

const (
	selectApplication = "id,appId,displayName,applicationTemplateId,identifierUris,tags,web"
	selectPrincipal   = "id,appId,displayName,preferredSingleSignOnMode,preferredTokenSigningKeyThumbprint," +
		"appRoleAssignmentRequired,notificationEmailAddresses,appRoles,keyCredentials,passwordCredentials"
)

// TemplateNames lists the current and former names of the gallery application.
var TemplateNames = []string{"AWS Single-Account Access", "Amazon Web Services (AWS)", "AWS Single Sign-on"}

// Template returns the ID of the gallery template, found by TemplateID or by its current
// and former names, or "" if this cloud has none.
func (c *Client) Template(ctx context.Context) (string, error) {
	type template struct {
		ID string `json:"id"`
	}
	var found template
	err := c.do(ctx, call{
		method: http.MethodGet, path: "/applicationTemplates/" + TemplateID, query: where("$select", "id"),
		out: &found, what: "read the gallery",
	})
	if !IsNotFound(err) {
		return found.ID, err
	}
	for _, name := range TemplateNames {
		all, err := list[template](ctx, c, call{
			path: "/applicationTemplates", query: where("$filter", "displayName eq "+quote(name), "$select", "id"),
			what: "read the gallery",
		})
		if err != nil || len(all) > 0 {
			return append(all, template{})[0].ID, err
		}
	}
	return "", nil
}

// Applications lists the applications that were created from a template.
func (c *Client) Applications(ctx context.Context, templateID string) ([]Application, error) {
	return list[Application](ctx, c, call{
		path:  "/applications",
		query: where("$filter", "applicationTemplateId eq "+quote(templateID), "$select", selectApplication),
		what:  "look for the application", need: readApps,
	})
}

// ApplicationsByIdentifier lists the applications with an identifier URI, at most one.
func (c *Client) ApplicationsByIdentifier(ctx context.Context, uri string) ([]Application, error) {
	return list[Application](ctx, c, call{
		path:  "/applications",
		query: where("$filter", "identifierUris/any(x:x eq "+quote(uri)+")", "$select", selectApplication),
		what:  "look for the application", need: readApps,
	})
}

// Application returns an application by its object ID.
func (c *Client) Application(ctx context.Context, id string) (Application, error) {
	var a Application
	err := c.do(ctx, call{
		method: http.MethodGet, path: "/applications/" + url.PathEscape(id),
		query: where("$select", selectApplication), out: &a, what: "read the application", need: readApps,
	})
	return a, err
}

// Instantiate creates an application and its service principal from a template. It is not
// idempotent, and the call may return 404 although both were created: see IsUncertain.
func (c *Client) Instantiate(ctx context.Context, templateID, name string) (Application, ServicePrincipal, error) {
	var out struct {
		Application      Application      `json:"application"`
		ServicePrincipal ServicePrincipal `json:"servicePrincipal"`
	}
	err := c.do(ctx, call{
		method: http.MethodPost, path: "/applicationTemplates/" + url.PathEscape(templateID) + "/instantiate",
		creates: true, in: map[string]string{"displayName": name}, out: &out, what: "create the application",
		need: writeApps,
	})
	return out.Application, out.ServicePrincipal, err
}

// PatchApplication updates an application.
func (c *Client) PatchApplication(ctx context.Context, id string, patch ApplicationPatch) error {
	return c.do(ctx, call{
		method: http.MethodPatch, path: "/applications/" + url.PathEscape(id), in: patch,
		what: "change the application", need: writeApps,
	})
}

// DeleteApplication deletes an application and its service principal. The directory
// retains both for 30 days.
func (c *Client) DeleteApplication(ctx context.Context, id string) error {
	return c.do(ctx, call{
		method: http.MethodDelete, path: "/applications/" + url.PathEscape(id), what: "delete the application",
		need: writeApps,
	})
}

// PrincipalOf returns the service principal of an application by its client ID.
func (c *Client) PrincipalOf(ctx context.Context, appID string) (ServicePrincipal, error) {
	var p ServicePrincipal
	err := c.do(ctx, call{
		method: http.MethodGet, path: "/servicePrincipals(appId=" + quote(appID) + ")",
		query: where("$select", selectPrincipal), out: &p, what: "read the service principal", need: readApps,
	})
	return p, err
}

// Principal returns a service principal by its object ID, including its public keys.
func (c *Client) Principal(ctx context.Context, id string) (ServicePrincipal, error) {
	var p ServicePrincipal
	err := c.do(ctx, call{
		method: http.MethodGet, path: "/servicePrincipals/" + url.PathEscape(id),
		query: where("$select", selectPrincipal), out: &p, what: "read the service principal", need: readApps,
	})
	return p, err
}

// PatchPrincipal updates a service principal.
func (c *Client) PatchPrincipal(ctx context.Context, id string, patch PrincipalPatch) error {
	need := writeApps
	if patch.AppRoles != nil {
		need = writeRoles
	}
	return c.do(ctx, call{
		method: http.MethodPatch, path: "/servicePrincipals/" + url.PathEscape(id), in: patch,
		what: "change the service principal", need: need,
	})
}

// AddCertificate creates an inactive signing certificate.
func (c *Client) AddCertificate(ctx context.Context, principalID, name string, until time.Time) (Certificate, error) {
	var out Certificate
	in := map[string]string{"displayName": "CN=" + name}
	if !until.IsZero() {
		in["endDateTime"] = until.UTC().Format(time.RFC3339)
	}
	err := c.do(ctx, call{
		method: http.MethodPost,
		path:   "/servicePrincipals/" + url.PathEscape(principalID) + "/addTokenSigningCertificate", creates: true,
		in: in, out: &out, what: "make a signing certificate", need: writeApps,
	})
	return out, err
}
