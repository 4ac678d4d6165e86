package graph

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// application is an application with its service principal.
type application struct {
	id, appID, name string
	identifiers     []string
	replyURLs       []string
	tags            []string
	roles           []appRole // of the application, inherited by the principal
	hidden          int       // reads that still answer 404
	unlisted        int       // listings that still lack it

	principal   string // object id
	mode        string // preferredSingleSignOnMode
	required    bool
	emails      []string
	own         []appRole // roles of the principal alone
	keys        []*signingKey
	active      string // thumbprint
	previous    string // thumbprint of the certificate before
	changed     time.Time
	signed      int // sign-ins so far
	assignments []*assignment
	owners      []string
	rules       []string
	job         *syncJob
	secrets     map[string]string
}

// appRole is an app role.
type appRole struct {
	ID          string   `json:"id"`
	MemberTypes []string `json:"allowedMemberTypes"`
	DisplayName string   `json:"displayName"`
	Description string   `json:"description"`
	Enabled     bool     `json:"isEnabled"`
	Value       *string  `json:"value"`
	Origin      string   `json:"origin,omitempty"`
}

// awsTemplate is the id of "AWS Single-Account Access" in the gallery.
const awsTemplate = "8b1025e4-1dd2-430b-a150-2ef79cd700f5"

// otherTemplate is the id in a cloud where the template has another one.
const otherTemplate = "5c6a0b5e-3b0f-4b8e-9d64-6a1d2f4c7e90"

const signinSAML = "https://signin.aws.amazon.com/saml"

// templates returns the templates of the gallery that this emulator has.
func (d *Directory) templates() []fields {
	if d.faults["no-template"] {
		return nil
	}
	id := awsTemplate
	if d.faults["other-template"] {
		id = otherTemplate
	}
	return []fields{{
		"id": id, "displayName": "AWS Single-Account Access", "publisher": "Amazon",
		"homePageUrl":                "https://signin.aws.amazon.com/saml?metadata=aws|ISV9.1|primary|z",
		"supportedSingleSignOnModes": []string{"saml", "external"}, "supportedProvisioningTypes": []string{"sync"},
	}}
}

// listTemplates supports only the documented filters.
// Source: learn.microsoft.com/graph/api/applicationtemplate-list
func (d *Directory) listTemplates(r *request) (*response, error) {
	if filter := r.URL.Query().Get("$filter"); filter != "" && !strings.HasPrefix(filter, "displayName eq ") {
		return nil, badRequest("Unsupported or invalid query filter clause: %s", filter)
	}
	list, err := filtered(r, d.templates())
	if err != nil {
		return nil, err
	}
	return d.paged(r, list)
}

func (d *Directory) getTemplate(r *request) (*response, error) {
	for _, template := range d.templates() {
		if template["id"] == r.PathValue("id") {
			return one(r, template)
		}
	}
	return nil, notFound(r.PathValue("id"))
}

// instantiate creates an application and its principal, without identifier,
// certificate or SAML mode.
func (d *Directory) instantiate(r *request) (*response, error) {
	var in struct {
		DisplayName string `json:"displayName"`
		Reference   string `json:"serviceManagementReference"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if _, err := d.getTemplate(r); err != nil {
		return nil, err
	}
	if in.DisplayName == "" {
		return nil, badRequest("displayName is required")
	}
	a := d.newApp(in.DisplayName)
	if d.faults["reads-404"] {
		a.hidden = 3
	}
	if d.faults["list-late"] {
		a.unlisted = 2
	}
	d.apps = append(d.apps, a)
	if d.once("instantiate-404", 1) {
		return nil, notFound(a.id)
	}
	return created(fields{"application": d.appView(a), "servicePrincipal": d.principalView(a, true)})
}

func (d *Directory) newApp(name string) *application {
	empty := ""
	return &application{
		id: uuid.NewString(), appID: uuid.NewString(), principal: uuid.NewString(), name: name, required: true,
		secrets: map[string]string{},
		tags:    []string{},
		roles: []appRole{
			{
				ID: uuid.NewString(), MemberTypes: []string{"User"}, DisplayName: "User", Description: "User",
				Enabled: true, Origin: "Application", Value: &empty,
			},
			{
				ID: uuid.NewString(), MemberTypes: []string{"User"}, DisplayName: "msiam_access",
				Description: "msiam_access", Enabled: true, Origin: "Application",
			},
		},
	}
}

func (d *Directory) appView(a *application) fields {
	return fields{
		"id": a.id, "appId": a.appID, "displayName": a.name, "applicationTemplateId": awsTemplate,
		"identifierUris": list(a.identifiers), "tags": list(a.tags),
		"web": fields{
			"redirectUris": list(a.replyURLs),
			"homePageUrl":  "https://signin.aws.amazon.com/saml?metadata=aws|ISV9.1|primary|z",
		},
		"appRoles": a.roles, "signInAudience": "AzureADMyOrg", "createdDateTime": "2026-01-01T00:00:00Z",
	}
}

// list returns a collection that is never null in JSON.
func list(of []string) []string {
	if of == nil {
		return []string{}
	}
	return of
}

// principalView returns the principal, with the certificates of its keys if withKeys.
func (d *Directory) principalView(a *application, withKeys bool) fields {
	view := fields{
		"id": a.principal, "appId": a.appID, "displayName": a.name, "applicationTemplateId": awsTemplate,
		"appRoleAssignmentRequired": a.required,
		"preferredSingleSignOnMode": nil, "preferredTokenSigningKeyThumbprint": nil,
		"notificationEmailAddresses": list(a.emails),
		"appRoles": append(
			slices.Clone(a.roles),
			a.own...), "replyUrls": list(a.replyURLs), "servicePrincipalType": "Application",
		"servicePrincipalNames": append(
			[]string{a.appID},
			a.identifiers...), "tags": []string{"WindowsAzureActiveDirectoryIntegratedApp"}, "accountEnabled": true,
	}
	if a.mode != "" {
		view["preferredSingleSignOnMode"] = a.mode
	}
	if a.active != "" {
		view["preferredTokenSigningKeyThumbprint"] = a.active
	}
	keys, passwords := d.keyViews(a, withKeys)
	view["keyCredentials"], view["passwordCredentials"] = keys, passwords
	return view
}

// appBy returns an application by object id, or by appId=; nil if there is none or
// it is not replicated yet.
func (d *Directory) appBy(id string) *application {
	for _, a := range d.apps {
		if a.id == id || "appId="+a.appID == id {
			if a.hidden > 0 {
				a.hidden--
				return nil
			}
			return a
		}
	}
	return nil
}

// principalBy returns an application by the principal's id, like appBy.
func (d *Directory) principalBy(id string) *application {
	for _, a := range d.apps {
		if a.principal == id || "appId="+a.appID == id {
			if a.hidden > 0 {
				a.hidden--
				return nil
			}
			return a
		}
	}
	return nil
}

func (d *Directory) listApplications(r *request) (*response, error) {
	var views []fields
	for _, a := range d.apps {
		if a.unlisted > 0 {
			a.unlisted--
			continue
		}
		views = append(views, d.appView(a))
	}
	views, err := filtered(r, views)
	if err != nil {
		return nil, err
	}
	return d.paged(r, views)
}

func (d *Directory) getApplication(r *request) (*response, error) {
	a := d.appBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	return one(r, d.appView(a))
}

func (d *Directory) patchApplication(r *request) (*response, error) {
	a := d.appBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	var in struct {
		DisplayName    *string   `json:"displayName"`
		IdentifierURIs *[]string `json:"identifierUris"`
		Tags           *[]string `json:"tags"`
		Web            *struct {
			RedirectURIs *[]string `json:"redirectUris"`
		} `json:"web"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.IdentifierURIs != nil {
		if err := d.checkIdentifiers(a, *in.IdentifierURIs); err != nil {
			return nil, err
		}
		a.identifiers = *in.IdentifierURIs
	}
	if in.Web != nil && in.Web.RedirectURIs != nil {
		for _, uri := range *in.Web.RedirectURIs {
			if !strings.HasPrefix(uri, "https://") && !strings.HasPrefix(uri, "http://localhost") {
				return nil, badRequest("Reply URL %s is not valid: https is needed, or http://localhost.", uri)
			}
		}
		a.replyURLs = *in.Web.RedirectURIs
	}
	if in.Tags != nil {
		a.tags = *in.Tags
	}
	if in.DisplayName != nil {
		a.name = *in.DisplayName
	}
	return nil, nil
}

// checkIdentifiers checks identifiers against the tenant's policy of 2025 and those
// of other applications.
// Source: learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions
func (d *Directory) checkIdentifiers(a *application, uris []string) error {
	for _, uri := range uris {
		if a.mode != "saml" {
			return badRequest(
				"Failed to add identifier URI %s. All newly added URIs must contain a tenant verified domain, "+
					"tenant ID, or app ID, as per the default app management policy of your organization.",
				uri,
			)
		}
		taken := d.faults["identifier-taken"] && uri == signinSAML
		for _, other := range d.apps {
			taken = taken || other != a && slices.Contains(other.identifiers, uri)
		}
		if taken {
			return badRequest("Another object with the same value for property identifierUris already exists.")
		}
	}
	return nil
}

func (d *Directory) deleteApplication(r *request) (*response, error) {
	a := d.appBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	d.apps = slices.DeleteFunc(d.apps, func(other *application) bool { return other == a })
	d.gone = append(d.gone, a)
	return nil, nil
}
