package fakecloud

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
)

func (a *account) user(form url.Values) (*accountUser, error) {
	if u := a.users[form.Get("UserName")]; u != nil {
		return u, nil
	}
	return nil, noEntity("user", form.Get("UserName"))
}

func (a *account) userView(name string, u *accountUser) element {
	return el(
		"User", tx("UserName", name), tx("Path", "/"), tx("UserId", "AIDAFAKE"), tx("Arn", a.arn("user/"+name)),
		tx("CreateDate", "2026-01-01T00:00:00Z"), tagList(u.tags),
	)
}

func getUser(a *account, form url.Values) ([]element, error) {
	u, err := a.user(form)
	if err != nil {
		return nil, err
	}
	return []element{a.userView(form.Get("UserName"), u)}, nil
}

func createUser(a *account, form url.Values) ([]element, error) {
	name := form.Get("UserName")
	if a.users[name] != nil {
		return nil, alreadyThere("User", name)
	}
	u := &accountUser{tags: tagsOf(form, map[string]string{}), inline: map[string]string{}}
	a.users[name] = u
	return []element{a.userView(name, u)}, nil
}

func tagUser(a *account, form url.Values) ([]element, error) {
	u, err := a.user(form)
	if err == nil {
		tagsOf(form, u.tags)
	}
	return nil, err
}

func deleteUser(a *account, form url.Values) ([]element, error) {
	u, err := a.user(form)
	if err != nil {
		return nil, err
	}
	if len(u.keys) > 0 || len(u.inline) > 0 {
		return nil, iamRefuse(
			http.StatusConflict, "DeleteConflict",
			"Cannot delete entity, must delete access keys and policies first.",
		)
	}
	delete(a.users, form.Get("UserName"))
	return nil, nil
}

func listUserPolicies(a *account, form url.Values) ([]element, error) {
	u, err := a.user(form)
	if err != nil {
		return nil, err
	}
	list := el("PolicyNames")
	for _, name := range names(u.inline) {
		list.kids = append(list.kids, tx("member", name))
	}
	return []element{list, tx("IsTruncated", "false")}, nil
}

func getUserPolicy(a *account, form url.Values) ([]element, error) {
	u, err := a.user(form)
	if err != nil {
		return nil, err
	}
	name := form.Get("PolicyName")
	if u.inline[name] == "" {
		return nil, noEntity("user policy", name)
	}
	return []element{
		tx("UserName", form.Get("UserName")), tx("PolicyName", name),
		tx("PolicyDocument", url.QueryEscape(u.inline[name])),
	}, nil
}

func putUserPolicy(a *account, form url.Values) ([]element, error) {
	u, err := a.user(form)
	if err == nil {
		u.inline[form.Get("PolicyName")] = form.Get("PolicyDocument")
	}
	return nil, err
}

func deleteUserPolicy(a *account, form url.Values) ([]element, error) {
	u, err := a.user(form)
	if err == nil {
		delete(u.inline, form.Get("PolicyName"))
	}
	return nil, err
}

func listKeys(a *account, form url.Values) ([]element, error) {
	u, err := a.user(form)
	if err != nil {
		return nil, err
	}
	list := el("AccessKeyMetadata")
	for _, k := range u.keys {
		list.kids = append(
			list.kids,
			el(
				"member", tx("UserName", form.Get("UserName")), tx("AccessKeyId", k.id), tx("Status", k.status),
				tx("CreateDate", "2026-01-01T00:00:00Z"),
			),
		)
	}
	return []element{list, tx("IsTruncated", "false")}, nil
}

// maxAccountKeys is the maximum number of access keys of a user.
const maxAccountKeys = 2

func createKey(a *account, form url.Values) ([]element, error) {
	u, err := a.user(form)
	if err != nil {
		return nil, err
	}
	if len(u.keys) >= maxAccountKeys {
		return nil, iamRefuse(
			http.StatusConflict, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: %d", maxAccountKeys,
		)
	}
	k := &accountKey{
		"AKIA" + strings.ToUpper(strings.ReplaceAll(uuid.NewString(), "-", ""))[:16],
		"secret/" + strings.ReplaceAll(uuid.NewString(), "-", "") + "/", "Active",
	}
	u.keys = append(u.keys, k)
	return []element{
		el(
			"AccessKey", tx("UserName", form.Get("UserName")), tx("AccessKeyId", k.id), tx("Status", k.status),
			tx("SecretAccessKey", k.secret), tx("CreateDate", "2026-01-01T00:00:00Z"),
		),
	}, nil
}

func updateKey(a *account, form url.Values) ([]element, error) {
	u, err := a.user(form)
	if err != nil {
		return nil, err
	}
	for _, k := range u.keys {
		if k.id == form.Get("AccessKeyId") {
			k.status = form.Get("Status")
			return nil, nil
		}
	}
	return nil, noEntity("access key", form.Get("AccessKeyId"))
}

func deleteKey(a *account, form url.Values) ([]element, error) {
	u, err := a.user(form)
	if err != nil {
		return nil, err
	}
	before := len(u.keys)
	u.keys = slices.DeleteFunc(u.keys, func(k *accountKey) bool { return k.id == form.Get("AccessKeyId") })
	if len(u.keys) == before {
		return nil, noEntity("access key", form.Get("AccessKeyId"))
	}
	return nil, nil
}
