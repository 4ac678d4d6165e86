package graph

import (
	"slices"
	"time"
)

// EditApplication changes the last application by hand, like an admin in the
// portal. It reports whether there is one.
func (d *Directory) EditApplication(change func(*EditableApp)) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.apps) == 0 {
		return false
	}
	a := d.apps[len(d.apps)-1]
	e := EditableApp{
		Name: a.name, Identifiers: a.identifiers, ReplyURLs: a.replyURLs,
		Mode: a.mode, AssignmentRequired: a.required, Emails: a.emails,
		ActiveKey: a.active, Tags: a.tags, Assignments: len(a.assignments),
	}
	if a.job != nil {
		e.Provisioning = a.job.state
	}
	for i := range a.own {
		e.Roles = append(e.Roles, *a.own[i].Value)
	}
	e.Owners, e.Claims = a.owners, len(a.rules) > 0
	if e.Claims {
		e.ClaimsPolicy = d.rule(a.rules[0]).definition[0]
	}
	change(&e)
	if len(a.rules) > 0 {
		d.rule(a.rules[0]).definition = []string{e.ClaimsPolicy}
	}
	if a.owners = e.Owners; !e.Claims {
		a.rules = nil
	}
	a.name, a.identifiers, a.replyURLs = e.Name, e.Identifiers, e.ReplyURLs
	a.mode, a.required, a.emails, a.active = e.Mode, e.AssignmentRequired, e.Emails, e.ActiveKey
	a.tags, a.assignments = list(e.Tags), a.assignments[:e.Assignments]
	if a.job != nil {
		a.job.state = e.Provisioning
	}
	a.own = slices.DeleteFunc(a.own, func(r appRole) bool { return !slices.Contains(e.Roles, *r.Value) })
	return true
}

// EditableApp is the state of an application that EditApplication changes.
type EditableApp struct {
	Name                   string
	Identifiers, ReplyURLs []string
	Mode                   string
	AssignmentRequired     bool
	Emails                 []string
	ActiveKey              string
	Roles                  []string // values; omitted ones are deleted
	Tags                   []string
	Provisioning           string // Active, Paused or Disabled
	Assignments            int    // number that remain
	Owners                 []string
	Claims                 bool   // a claims policy is in use
	ClaimsPolicy           string // its definition
}

// AddApplication creates another application from the template, with a signing
// certificate like the portal.
func (d *Directory) AddApplication(name string, identifiers ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.newApp(name)
	a.identifiers, a.mode = identifiers, "saml"
	now := d.tenant.Now().UTC().Truncate(time.Second)
	k, err := d.newKey("CN=Microsoft Azure Federated SSO Certificate", now, now.AddDate(3, 0, 0))
	if err == nil {
		a.keys, a.active = []*signingKey{k}, k.thumbprint
	}
	d.apps = append([]*application{a}, d.apps...)
}

// Applications returns the numbers of existing and of deleted applications.
func (d *Directory) Applications() (there, deleted int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.apps), len(d.gone)
}
