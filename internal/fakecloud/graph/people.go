package graph

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// User is a user of the tenant.
type User struct{ ID, Name, DisplayName, Mail, Type string }

type group struct {
	id, name string
	security bool
	members  []string // ids of users
}

type assignment struct{ id, principal, role string }

// populate creates the users and groups.
func (d *Directory) populate() {
	for _, u := range d.tenant.Users {
		d.people = append(d.people, &u)
	}
	slices.SortFunc(d.people, func(a, b *User) int { return strings.Compare(a.ID, b.ID) })
	guest := &User{
		"00000000-0000-4000-8000-000000000900", "bob_partner.example#EXT#@contoso.example", "Bob (guest)",
		"bob@partner.example", "Guest",
	}
	long := &User{
		"00000000-0000-4000-8000-000000000901", strings.Repeat("long", 15) + "@contoso.example", "Long Name", "",
		"Member",
	}
	namesake := &User{
		"00000000-0000-4000-8000-000000000902", "ada.king@contoso.example", "Ada Lovelace", "", "Member",
	}
	d.people = append(d.people, guest, long, namesake)
	for i := range d.options.Users {
		name := fmt.Sprintf("u%d@contoso.example", i)
		d.people = append(
			d.people,
			&User{fmt.Sprintf("00000000-0000-4000-8001-%012d", i), name, "User " + name, name, "Member"},
		)
	}
	d.groups = []*group{
		{"00000000-0000-4000-9000-000000000001", "AWS Admins", true, []string{d.people[0].ID}},
		{"00000000-0000-4000-9000-000000000002", "AWS Readers", true, nil},
		{"00000000-0000-4000-9000-000000000003", "Mailing list", false, nil},
	}
	for i := range d.options.Groups {
		d.groups = append(
			d.groups,
			&group{fmt.Sprintf("00000000-0000-4000-9001-%012d", i), fmt.Sprintf("Group %d", i), true, nil},
		)
	}
}

// userNamed returns the user with a principal name, ignoring case, or nil.
func (d *Directory) userNamed(name string) *User {
	for _, p := range d.people {
		if strings.EqualFold(p.Name, name) {
			return p
		}
	}
	return nil
}

func (d *Directory) listUsers(r *request) (*response, error) {
	var views []fields
	for _, p := range d.people {
		views = append(
			views,
			fields{
				"id": p.ID, "userPrincipalName": p.Name, "displayName": p.DisplayName,
				"mail": p.Mail, "userType": p.Type,
			},
		)
	}
	views, err := filtered(r, views)
	if err != nil {
		return nil, err
	}
	return d.paged(r, views)
}

func (d *Directory) listGroups(r *request) (*response, error) {
	var views []fields
	for _, g := range d.groups {
		views = append(views, fields{"id": g.id, "displayName": g.name, "securityEnabled": g.security})
	}
	views, err := filtered(r, views)
	if err != nil {
		return nil, err
	}
	return d.paged(r, views)
}

func (d *Directory) getGroup(r *request) (*response, error) {
	for _, g := range d.groups {
		if g.id == r.PathValue("id") {
			return one(r, fields{"id": g.id, "displayName": g.name, "securityEnabled": g.security})
		}
	}
	return nil, notFound(r.PathValue("id"))
}

func (d *Directory) getMe(r *request) (*response, error) {
	if r.token.user == nil {
		return nil, badRequest("/me request is only valid with delegated authentication flow.")
	}
	return one(
		r,
		fields{
			"id": r.token.user.ID, "userPrincipalName": r.token.user.Name,
			"displayName": r.token.user.DisplayName,
		},
	)
}

func (d *Directory) getOrganization(r *request) (*response, error) {
	return okay(fields{"value": selected(r, fields{
		"id": d.tenant.ID, "displayName": "Contoso",
		"verifiedDomains": []fields{{
			"name": d.tenant.Domain, "isDefault": true, "isInitial": false, "capabilities": "Email", "type": "Managed",
		}},
	})})
}

func (d *Directory) principalName(id string) (name, kind string) {
	for _, p := range d.people {
		if p.ID == id {
			return p.DisplayName, "User"
		}
	}
	for _, g := range d.groups {
		if g.id == id {
			return g.name, "Group"
		}
	}
	return "", ""
}

func (d *Directory) assignmentView(a *application, x *assignment) fields {
	name, kind := d.principalName(x.principal)
	return fields{
		"id": x.id, "principalId": x.principal, "principalDisplayName": name, "principalType": kind,
		"appRoleId":  x.role,
		"resourceId": a.principal, "resourceDisplayName": a.name, "createdDateTime": "2026-01-01T00:00:00Z",
	}
}

// hiddenListings is how many listings lack existing assignments: those of a plan, of
// the check before a write, and of the write.
const hiddenListings = 3

func (d *Directory) listAssignments(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	views := []fields{}
	if len(a.assignments) == 0 || !d.once("assignments-hidden", hiddenListings) {
		for _, x := range a.assignments {
			views = append(views, d.assignmentView(a, x))
		}
	}
	return d.paged(r, views)
}

func (d *Directory) assign(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	var in struct {
		Principal string `json:"principalId"`
		Role      string `json:"appRoleId"`
		Resource  string `json:"resourceId"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.Resource != a.principal {
		return nil, badRequest("resourceId does not match the service principal.")
	}
	if _, kind := d.principalName(in.Principal); kind == "" {
		return nil, notFound(in.Principal)
	}
	known := slices.IndexFunc(
		append(slices.Clone(a.roles), a.own...),
		func(role appRole) bool { return role.ID == in.Role && role.Enabled },
	)
	if known < 0 || d.once("no-reference", 2) {
		return nil, badRequest("Not a valid reference update.")
	}
	if slices.ContainsFunc(
		a.assignments, func(x *assignment) bool { return x.principal == in.Principal && x.role == in.Role },
	) {
		if d.faults["duplicate-entitlement"] {
			return nil, refuse(
				http.StatusConflict, "Request_MultipleObjectsWithSameKeyValue",
				"EntitlementGrant entry already exists.",
			)
		}
		return nil, badRequest("Permission being assigned already exists on the object")
	}
	x := &assignment{id: strings.ReplaceAll(uuid.NewString(), "-", "") + "abc", principal: in.Principal, role: in.Role}
	a.assignments = append(a.assignments, x)
	return created(d.assignmentView(a, x))
}

func (d *Directory) unassign(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	before := len(a.assignments)
	a.assignments = slices.DeleteFunc(
		a.assignments, func(x *assignment) bool { return x.id == r.PathValue("assignment") },
	)
	if len(a.assignments) == before {
		return nil, notFound(r.PathValue("assignment"))
	}
	return nil, nil
}

func (d *Directory) listOwners(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	views := []fields{}
	for _, owner := range a.owners {
		views = append(views, fields{"@odata.type": "#microsoft.graph.user", "id": owner})
	}
	return d.paged(r, views)
}

// referenced returns the id at the end of an @odata.id.
func referenced(r *request) (string, error) {
	var in struct {
		ID string `json:"@odata.id"`
	}
	if err := r.decode(&in); err != nil {
		return "", err
	}
	if !strings.HasPrefix(in.ID, "https://"+hostOf(r.Request)+"/v1.0/") {
		return "", badRequest("Invalid URL format specified in @odata.id.")
	}
	return in.ID[strings.LastIndex(in.ID, "/")+1:], nil
}

// referring returns the application and the new id of a call that adds a reference
// to a principal.
func (d *Directory) referring(r *request) (*application, string, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, "", notFound(r.PathValue("id"))
	}
	id, err := referenced(r)
	return a, id, err
}

func (d *Directory) addOwner(r *request) (*response, error) {
	a, id, err := d.referring(r)
	switch {
	case err != nil:
		return nil, err
	case slices.Contains(a.owners, id):
		return nil, badRequest(
			"One or more added object references already exist for the following modified properties: 'owners'.",
		)
	}
	a.owners = append(a.owners, id)
	return nil, nil
}

func (d *Directory) removeOwner(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	if d.faults["owner-stays"] {
		return nil, refuse(
			http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.",
		)
	}
	if d.faults["owner-hidden"] || d.once("owner-late", 2) {
		return nil, notFound(r.PathValue("owner"))
	}
	return nil, drop(&a.owners, r.PathValue("owner"))
}

// drop removes an id from a list that must contain it.
func drop(list *[]string, id string) error {
	if !slices.Contains(*list, id) {
		return notFound(id)
	}
	*list = slices.DeleteFunc(*list, func(other string) bool { return other == id })
	return nil
}

// Owners returns the owners of the last application.
func (d *Directory) Owners() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := len(d.apps); n > 0 {
		return slices.Clone(d.apps[n-1].owners)
	}
	return nil
}

// Assigned returns the assignments of the last application as "name: role value",
// sorted.
func (d *Directory) Assigned() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.apps) == 0 {
		return nil
	}
	a := d.apps[len(d.apps)-1]
	var out []string
	for _, x := range a.assignments {
		name, _ := d.principalName(x.principal)
		value := x.role
		for _, role := range a.own {
			if role.ID == x.role {
				value = *role.Value
			}
		}
		out = append(out, name+": "+value)
	}
	slices.Sort(out)
	return out
}
