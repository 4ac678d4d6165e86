package fakecloud

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

type iamHandler func(*account, url.Values) ([]element, error)

// iamActions maps the IAM actions that the emulator implements to handlers.
var iamActions = map[string]iamHandler{
	"ListAccountAliases":             func(*account, url.Values) ([]element, error) { return []element{el("AccountAliases")}, nil },
	"GetAccountAuthorizationDetails": authorizationDetails,
	"ListSAMLProviders":              listProviders,
	"GetSAMLProvider":                getProvider,
	"CreateSAMLProvider":             createProvider,
	"UpdateSAMLProvider":             updateProvider,
	"TagSAMLProvider":                tagProvider,
	"DeleteSAMLProvider":             deleteProvider,
	"GetRole":                        getRole,
	"ListRoles":                      listAccountRoles,
	"CreateRole":                     createRole,
	"UpdateRole":                     updateRole,
	"UpdateAssumeRolePolicy":         updateTrust,
	"TagRole":                        tagRole,
	"DeleteRole":                     deleteRole,
	"ListAttachedRolePolicies":       listAttached,
	"AttachRolePolicy":               attach,
	"DetachRolePolicy":               detach,
	"ListRolePolicies":               listInline,
	"GetUser":                        getUser,
	"CreateUser":                     createUser,
	"TagUser":                        tagUser,
	"DeleteUser":                     deleteUser,
	"ListUserPolicies":               listUserPolicies,
	"GetUserPolicy":                  getUserPolicy,
	"PutUserPolicy":                  putUserPolicy,
	"DeleteUserPolicy":               deleteUserPolicy,
	"ListAttachedUserPolicies":       func(*account, url.Values) ([]element, error) { return []element{el("AttachedPolicies")}, nil },
	"ListAccessKeys":                 listKeys,
	"CreateAccessKey":                createKey,
	"UpdateAccessKey":                updateKey,
	"DeleteAccessKey":                deleteKey,
}

func noEntity(kind, name string) error {
	return iamRefuse(http.StatusNotFound, "NoSuchEntity", "The %s with name %s cannot be found.", kind, name)
}

func alreadyThere(kind, name string) error {
	return iamRefuse(http.StatusConflict, "EntityAlreadyExists", "%s with name %s already exists.", kind, name)
}

// tagsOf adds the tags in Tags.member.N.Key and Value to m.
func tagsOf(form url.Values, m map[string]string) map[string]string {
	for i := 1; form.Has("Tags.member." + strconv.Itoa(i) + ".Key"); i++ {
		prefix := "Tags.member." + strconv.Itoa(i) + "."
		m[form.Get(prefix+"Key")] = form.Get(prefix + "Value")
	}
	return m
}

func tagList(tags map[string]string) element {
	list := el("Tags")
	for _, key := range names(tags) {
		list.kids = append(list.kids, el("member", tx("Key", key), tx("Value", tags[key])))
	}
	return list
}

// descriptorXML is the part of the metadata that IAM reads.
type descriptorXML struct {
	XMLName  xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	EntityID string   `xml:"entityID,attr"`
	Keys     []string `xml:"IDPSSODescriptor>KeyDescriptor>KeyInfo>X509Data>X509Certificate"`
}

const maxProviderKeys = 10

// readProvider parses metadata and checks it against IAM's rules: no byte order mark, one
// to ten certificates.
func readProvider(document string) (*samlProvider, error) {
	bad := iamRefuse(http.StatusBadRequest, "InvalidInput", "Could not parse metadata")
	var d descriptorXML
	if strings.HasPrefix(document, "\ufeff") || len(document) < 1000 || xml.Unmarshal([]byte(document), &d) != nil ||
		d.EntityID == "" {
		return nil, bad
	}
	p := &samlProvider{document: document, entity: d.EntityID}
	for _, text := range d.Keys {
		der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return nil, bad
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, bad
		}
		p.certs = append(p.certs, cert)
	}
	if len(p.certs) == 0 || len(p.certs) > maxProviderKeys {
		return nil, bad
	}
	return p, nil
}

func getProvider(a *account, form url.Values) ([]element, error) {
	p := a.providers[form.Get("SAMLProviderArn")]
	if p == nil {
		return nil, noEntity("SAML provider", form.Get("SAMLProviderArn"))
	}
	return []element{tx("SAMLMetadataDocument", p.document), tagList(p.tags)}, nil
}

func createProvider(a *account, form url.Values) ([]element, error) {
	arn := a.arn("saml-provider/" + form.Get("Name"))
	p, err := readProvider(form.Get("SAMLMetadataDocument"))
	switch {
	case err != nil:
		return nil, err
	case a.providers[arn] != nil:
		return nil, alreadyThere("SAML provider", arn)
	}
	p.tags = tagsOf(form, map[string]string{})
	a.providers[arn] = p
	return []element{tx("SAMLProviderArn", arn)}, nil
}

func updateProvider(a *account, form url.Values) ([]element, error) {
	arn := form.Get("SAMLProviderArn")
	old := a.providers[arn]
	if old == nil {
		return nil, noEntity("SAML provider", arn)
	}
	p, err := readProvider(form.Get("SAMLMetadataDocument"))
	if err != nil {
		return nil, err
	}
	p.tags = old.tags
	a.providers[arn] = p
	return []element{tx("SAMLProviderArn", arn)}, nil
}

func tagProvider(a *account, form url.Values) ([]element, error) {
	p := a.providers[form.Get("SAMLProviderArn")]
	if p == nil {
		return nil, noEntity("SAML provider", form.Get("SAMLProviderArn"))
	}
	tagsOf(form, p.tags)
	return nil, nil
}

func deleteProvider(a *account, form url.Values) ([]element, error) {
	if a.providers[form.Get("SAMLProviderArn")] == nil {
		return nil, noEntity("SAML provider", form.Get("SAMLProviderArn"))
	}
	delete(a.providers, form.Get("SAMLProviderArn"))
	return nil, nil
}

func (a *account) role(form url.Values) (*accountRole, error) {
	if r := a.roles[form.Get("RoleName")]; r != nil {
		return r, nil
	}
	return nil, noEntity("role", form.Get("RoleName"))
}

func (a *account) roleView(r *accountRole) []element {
	return []element{
		tx(
			"RoleName", r.name,
		), tx("Path", r.path), tx("Arn", a.roleARN(r)), tx("RoleId", "AROAFAKE"), tx("CreateDate", "2026-01-01T00:00:00Z"),
		tx(
			"AssumeRolePolicyDocument", url.QueryEscape(r.trust),
		), tx("Description", r.description), tx("MaxSessionDuration", r.session), tagList(r.tags),
	}
}

func getRole(a *account, form url.Values) ([]element, error) {
	r, err := a.role(form)
	if err != nil {
		return nil, err
	}
	return []element{el("Role", a.roleView(r)...)}, nil
}

func listAccountRoles(a *account, _ url.Values) ([]element, error) {
	list := el("Roles")
	for _, name := range names(a.roles) {
		list.kids = append(list.kids, el("member", a.roleView(a.roles[name])...))
	}
	return []element{list, tx("IsTruncated", "false")}, nil
}

// checkTrust returns an error for a trust policy with an unknown provider.
func (a *account) checkTrust(document string) error {
	providers, _, err := readTrust(document)
	if err != nil || slices.ContainsFunc(providers, func(p string) bool { return a.providers[p] == nil }) {
		return iamRefuse(
			http.StatusBadRequest, "MalformedPolicyDocument", "Invalid principal in policy: %q", "Federated",
		)
	}
	return nil
}

func createRole(a *account, form url.Values) ([]element, error) {
	name := form.Get("RoleName")
	if a.roles[name] != nil {
		return nil, alreadyThere("Role", name)
	}
	if err := a.checkTrust(form.Get("AssumeRolePolicyDocument")); err != nil {
		return nil, err
	}
	r := &accountRole{
		name: name, path: form.Get("Path"), trust: form.Get("AssumeRolePolicyDocument"), description: form.Get("Description"),
		session: form.Get("MaxSessionDuration"), tags: tagsOf(form, map[string]string{}), inline: map[string]string{},
	}
	a.roles[name] = r
	return []element{el("Role", a.roleView(r)...)}, nil
}

func updateRole(a *account, form url.Values) ([]element, error) {
	r, err := a.role(form)
	if err == nil && form.Has("MaxSessionDuration") {
		r.session = form.Get("MaxSessionDuration")
	}
	if err == nil && form.Has("Description") {
		r.description = form.Get("Description")
	}
	return nil, err
}

func updateTrust(a *account, form url.Values) ([]element, error) {
	r, err := a.role(form)
	if err != nil {
		return nil, err
	}
	if err := a.checkTrust(form.Get("PolicyDocument")); err != nil {
		return nil, err
	}
	r.trust = form.Get("PolicyDocument")
	return nil, nil
}

func tagRole(a *account, form url.Values) ([]element, error) {
	r, err := a.role(form)
	if err == nil {
		tagsOf(form, r.tags)
	}
	return nil, err
}

func deleteRole(a *account, form url.Values) ([]element, error) {
	r, err := a.role(form)
	if err != nil {
		return nil, err
	}
	if len(r.attached) > 0 || len(r.inline) > 0 {
		return nil, iamRefuse(
			http.StatusConflict, "DeleteConflict", "Cannot delete entity, must detach all policies first.",
		)
	}
	delete(a.roles, r.name)
	return nil, nil
}

func listAttached(a *account, form url.Values) ([]element, error) {
	r, err := a.role(form)
	if err != nil {
		return nil, err
	}
	list := el("AttachedPolicies")
	for _, arn := range r.attached {
		list.kids = append(
			list.kids, el("member", tx("PolicyArn", arn), tx("PolicyName", arn[strings.LastIndex(arn, "/")+1:])),
		)
	}
	return []element{list, tx("IsTruncated", "false")}, nil
}

func attach(a *account, form url.Values) ([]element, error) {
	r, err := a.role(form)
	if err == nil && !slices.Contains(r.attached, form.Get("PolicyArn")) {
		r.attached = append(r.attached, form.Get("PolicyArn"))
	}
	return nil, err
}

func detach(a *account, form url.Values) ([]element, error) {
	r, err := a.role(form)
	if err == nil {
		r.attached = slices.DeleteFunc(r.attached, func(arn string) bool { return arn == form.Get("PolicyArn") })
	}
	return nil, err
}

func listInline(a *account, form url.Values) ([]element, error) {
	_, err := a.role(form)
	return []element{el("PolicyNames"), tx("IsTruncated", "false")}, err
}
