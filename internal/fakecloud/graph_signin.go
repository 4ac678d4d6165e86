package fakecloud

import (
	"slices"
	"strings"
)

// What the sign-in pages take from the directory when the tenant began empty.

// applicationFor is the application of an identifier, as a sign-in sees it.
func (c *Cloud) applicationFor(identifier string) (application, bool) {
	if !c.opts.Empty {
		return c.app, slices.Contains(c.app.identifiers, identifier)
	}
	d := c.directory
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range d.apps {
		if a.mode == "saml" && slices.Contains(a.identifiers, identifier) && len(a.replyURLs) > 0 {
			return application{id: a.appID, name: a.name, identifiers: a.identifiers, replyURLs: a.replyURLs}, true
		}
	}
	return application{}, false
}

// signerFor is the key that signs for an identifier; nil when the application
// has none.
func (c *Cloud) signerFor(identifier string) *identityProvider {
	if !c.opts.Empty {
		return c.idp
	}
	d := c.directory
	d.mu.Lock()
	defer d.mu.Unlock()
	if a := d.byIdentifier(identifier); a != nil {
		if k := a.signsNow(c.now()); k != nil {
			return &identityProvider{key: k.key, cert: k.cert}
		}
	}
	return nil
}

func (d *directory) byIdentifier(identifier string) *dirApp {
	for _, a := range d.apps {
		if slices.Contains(a.identifiers, identifier) {
			return a
		}
	}
	return nil
}

// valuesFor are the values of the Role attribute for a user: those of the
// roles that the user, or a group that the user is directly in, is assigned.
func (c *Cloud) valuesFor(req authnRequest, user *User) []string {
	if !c.opts.Empty {
		return c.roleValues(partitionOfACS(req.ACS))
	}
	d := c.directory
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.byIdentifier(req.Issuer)
	if a == nil {
		return nil
	}
	var values []string
	for _, x := range a.assignments {
		i := slices.IndexFunc(a.own, func(r dirRole) bool { return r.ID == x.role && r.Enabled })
		if i >= 0 && d.reaches(x.principal, user.ObjectID) && !slices.Contains(values, *a.own[i].Value) {
			values = append(values, *a.own[i].Value)
		}
	}
	return values
}

// reaches tells whether an assignment to a principal is one to the user.
func (d *directory) reaches(principal, user string) bool {
	if principal == user {
		return true
	}
	return slices.ContainsFunc(
		d.groups, func(g *dirGroup) bool { return g.id == principal && slices.Contains(g.members, user) },
	)
}

// admitted tells whether a user may sign in to an application.
func (c *Cloud) admitted(req authnRequest, user *User) bool {
	if !c.opts.Empty {
		return user.Assigned
	}
	d := c.directory
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.byIdentifier(req.Issuer)
	return a != nil &&
		(!a.required || slices.ContainsFunc(a.assignments, func(x *dirAssignment) bool { return d.reaches(x.principal, user.ObjectID) }))
}

// Assertion signs a user in to AWS without pages and returns the SAMLResponse,
// for tests that sign in often. It is "" when the sign-in fails.
func (c *Cloud) Assertion(userName, identifier string) string {
	user := c.user(strings.ToLower(userName))
	app, ok := c.applicationFor(identifier)
	if user == nil || !ok {
		return ""
	}
	req := authnRequest{ID: "id" + newGUID(), Issuer: identifier, ACS: app.replyURLs[0]}
	if !c.admitted(req, user) {
		return ""
	}
	response, err := c.signedResponse(req, user)
	if err != nil {
		return ""
	}
	return response
}
