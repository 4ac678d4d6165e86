package graph

import (
	"crypto/rsa"
	"crypto/x509"
	"slices"
)

// Application is an application for the sign-in pages.
type Application struct {
	ID, Name               string // client id and display name
	Identifiers, ReplyURLs []string
}

// Application returns the application with an identifier, if it is set up for SAML.
func (d *Directory) Application(identifier string) (Application, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range d.apps {
		if a.mode == "saml" && slices.Contains(a.identifiers, identifier) && len(a.replyURLs) > 0 {
			return Application{ID: a.appID, Name: a.name, Identifiers: a.identifiers, ReplyURLs: a.replyURLs}, true
		}
	}
	return Application{}, false
}

// Signer returns the key and the certificate that sign for an identifier, or
// nil when the application has none.
func (d *Directory) Signer(identifier string) (*rsa.PrivateKey, *x509.Certificate) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a := d.byIdentifier(identifier); a != nil {
		if k := a.signsNow(d.tenant.Now()); k != nil {
			return k.key, k.cert
		}
	}
	return nil, nil
}

func (d *Directory) byIdentifier(identifier string) *application {
	for _, a := range d.apps {
		if slices.Contains(a.identifiers, identifier) {
			return a
		}
	}
	return nil
}

// RoleValues returns the values of the roles that the user, or a group that the
// user is directly in, is assigned.
func (d *Directory) RoleValues(identifier, user string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.byIdentifier(identifier)
	if a == nil {
		return nil
	}
	var values []string
	for _, x := range a.assignments {
		i := slices.IndexFunc(a.own, func(r appRole) bool { return r.ID == x.role && r.Enabled })
		if i >= 0 && d.reaches(x.principal, user) && !slices.Contains(values, *a.own[i].Value) {
			values = append(values, *a.own[i].Value)
		}
	}
	return values
}

// reaches reports whether an assignment to a principal applies to the user.
func (d *Directory) reaches(principal, user string) bool {
	if principal == user {
		return true
	}
	return slices.ContainsFunc(
		d.groups, func(g *group) bool { return g.id == principal && slices.Contains(g.members, user) },
	)
}

// Admits reports whether a user may sign in to an application.
func (d *Directory) Admits(identifier, user string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.byIdentifier(identifier)
	return a != nil && (!a.required ||
		slices.ContainsFunc(a.assignments, func(x *assignment) bool { return d.reaches(x.principal, user) }))
}
