package fakecloud

import (
	"slices"

	"github.com/google/uuid"
)

// applicationFor returns the application with an identifier. If the tenant was initially
// empty, this and the following functions use the directory.
func (c *Cloud) applicationFor(identifier string) (application, bool) {
	if !c.opts.Empty {
		return c.app, slices.Contains(c.app.identifiers, identifier)
	}
	a, ok := c.Graph.Application(identifier)
	return application{id: a.ID, name: a.Name, identifiers: a.Identifiers, replyURLs: a.ReplyURLs}, ok
}

// signerFor returns the signer for an identifier, or nil if the application has no key.
func (c *Cloud) signerFor(identifier string) *identityProvider {
	if !c.opts.Empty {
		return c.idp
	}
	if key, cert := c.Graph.Signer(identifier); key != nil {
		return &identityProvider{key: key, cert: cert}
	}
	return nil
}

// valuesFor returns the values of the Role attribute for a user.
func (c *Cloud) valuesFor(req authnRequest, user *User) []string {
	if !c.opts.Empty {
		return c.roleValues(partitionOfACS(req.ACS))
	}
	return c.Graph.RoleValues(req.Issuer, user.ObjectID)
}

// admitted reports whether a user may sign in to an application.
func (c *Cloud) admitted(req authnRequest, user *User) bool {
	if !c.opts.Empty {
		return user.Assigned
	}
	return c.Graph.Admits(req.Issuer, user.ObjectID)
}

// Assertion signs a user in to AWS without pages and returns the SAMLResponse, for tests
// that sign in often. It returns "" if the sign-in fails.
func (c *Cloud) Assertion(userName, identifier string) string {
	user := c.user(userName)
	app, ok := c.applicationFor(identifier)
	if user == nil || !ok {
		return ""
	}
	req := authnRequest{ID: "id" + uuid.NewString(), Issuer: identifier, ACS: app.replyURLs[0]}
	if !c.admitted(req, user) {
		return ""
	}
	response, err := c.signedResponse(req, user)
	if err != nil {
		return ""
	}
	return response
}
