package fakecloud

import "net/url"

// authorizationDetails returns the users and roles with their tags. Unlike the real
// response, it does not contain their policies.
func authorizationDetails(a *account, form url.Values) ([]element, error) {
	filter := map[string]bool{}
	for i := range 5 {
		filter[form.Get("Filter.member."+string(rune('1'+i)))] = true
	}
	users, roles := el("UserDetailList"), el("RoleDetailList")
	for _, name := range names(a.users) {
		if filter["User"] {
			users.kids = append(users.kids, el("member", a.userView(name, a.users[name]).kids...))
		}
	}
	for _, name := range names(a.roles) {
		if filter["Role"] {
			roles.kids = append(roles.kids, el("member", a.roleView(a.roles[name])...))
		}
	}
	return []element{users, el("GroupDetailList"), roles, el("Policies"), tx("IsTruncated", "false")}, nil
}

func listProviders(a *account, _ url.Values) ([]element, error) {
	list := el("SAMLProviderList")
	for _, arn := range names(a.providers) {
		list.kids = append(list.kids, el("member", tx("Arn", arn)))
	}
	return []element{list}, nil
}
