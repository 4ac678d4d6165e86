package login

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
)

func roleOf(t testing.TB, arn string) saml.Role {
	t.Helper()
	partition, account := strings.Split(arn, ":")[1], strings.Split(arn, ":")[4]
	role, err := saml.ParseRole(arn + ",arn:" + partition + ":iam::" + account + ":saml-provider/Entra")
	if err != nil {
		t.Fatalf("%s: %v", arn, err)
	}
	return role
}

// offered returns roles whose names contain each other, a name in two accounts, and paths
// with every pattern character.
func offered(t testing.TB) []saml.Role {
	t.Helper()
	var roles []saml.Role
	for _, arn := range []string{
		"arn:aws:iam::111122223333:role/azure.admin",
		"arn:aws:iam::111122223333:role/azure.admin-read",
		"arn:aws:iam::444455556666:role/azure.admin",
		"arn:aws:iam::444455556666:role/team/x/Deploy",
		"arn:aws:iam::444455556666:role/a[b/odd+=,.@-_",
		`arn:aws:iam::444455556666:role/*?\/star`,
		"arn:aws-cn:iam::777788889999:role/azure.cn",
	} {
		roles = append(roles, roleOf(t, arn))
	}
	return roles
}

// A pattern matches exactly one role, or the error lists the candidates in order.
func TestMatchRole(t *testing.T) {
	for pattern, want := range map[string]string{
		"arn:aws:iam::111122223333:role/azure.admin": "arn:aws:iam::111122223333:role/azure.admin",
		"ARN:aws:iam::444455556666:role/team/*":      "arn:aws:iam::444455556666:role/team/x/Deploy",
		"111122223333/azure.admin":                   "arn:aws:iam::111122223333:role/azure.admin",
		"deploy":                                     "arn:aws:iam::444455556666:role/team/x/Deploy",
		"*read":                                      "arn:aws:iam::111122223333:role/azure.admin-read",
		"4444*/dep?oy":                               "arn:aws:iam::444455556666:role/team/x/Deploy",
		"azure.c[no]":                                "arn:aws-cn:iam::777788889999:role/azure.cn",
	} {
		t.Run(pattern, func(t *testing.T) {
			role, err := matchRole(offered(t), pattern, nil)
			if err != nil || role.ARN != want {
				t.Errorf("got %q, %v, want %q", role.ARN, err, want)
			}
		})
	}
	for pattern, want := range map[string]struct {
		kind      fault.Kind
		msg, hint string
	}{
		"azure.admin": {
			fault.Role, `"azure.admin" matches 2 roles`,
			"be more specific, e.g. 111122223333/azure.admin; candidates: 111122223333/azure.admin, 444455556666/azure.admin",
		},
		"*":      {fault.Role, `"*" matches 7 roles`, "777788889999/azure.cn"},
		"nobody": {fault.Role, `role "nobody" is not available to you`, "available roles: 111122223333/azure.admin, 1111"},
		"[":      {fault.Config, `role pattern "[" is not valid`, ""},
	} {
		t.Run(pattern, func(t *testing.T) {
			roles := offered(t)
			slices.Reverse(roles)
			role, err := matchRole(roles, pattern, nil)
			if role != (saml.Role{}) || fault.KindOf(err) != want.kind || message(err) != want.msg {
				t.Errorf("got %q, %q of kind %v, want %q of kind %v", role.ARN, message(err), fault.KindOf(err), want.msg, want.kind)
			}
			if got := strings.Join(hints(err), " "); !strings.Contains(got, want.hint) {
				t.Errorf("hints: got %q, want %q", got, want.hint)
			}
		})
	}
}

func hints(err error) []string {
	f, ok := err.(*fault.Error)
	if !ok {
		return nil
	}
	return f.Hints
}

// Any pattern matches one of the offered roles or none, independent of their order. A
// role's own ARN matches it. Errors are printable.
func FuzzMatchRole(f *testing.F) {
	for _, seed := range []string{"*", "azure.admin", "111122223333/*", "[", "a[b", `\`, "[^a", "[a-", "\u202e", "", "?", "arn:*", "*/odd*", `*\`} {
		f.Add(seed, "arn:aws:iam::111122223333:role/"+seed+"/x")
	}
	f.Fuzz(func(t *testing.T, pattern, arn string) {
		roles := offered(t)
		if one, err := saml.ParseRole(arn + ",arn:aws:iam::111122223333:saml-provider/Entra"); err == nil &&
			!slices.Contains(roles, one) {
			roles = append(roles, one)
		}
		role, err := matchRole(roles, pattern, nil)
		if (err == nil) != slices.Contains(roles, role) || (err != nil && role != (saml.Role{})) {
			t.Errorf("%q gives %+v, %v", pattern, role, err)
		}
		for _, text := range append(hints(err), message(err)) {
			if strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }) {
				t.Errorf("%q: got error %q", pattern, text)
			}
		}
		reversed := slices.Clone(roles)
		slices.Reverse(reversed)
		if again, _ := matchRole(reversed, pattern, nil); again != role {
			t.Errorf("%q: got %+v, in another order %+v", pattern, role, again)
		}
		if err == nil && !fits(pattern, role) {
			t.Errorf("%q matched %s, want no match", pattern, role.ARN)
		}
		for _, r := range roles {
			if got, err := matchRole(roles, r.ARN, nil); err != nil || got != r {
				t.Errorf("%s names %+v, %v", r.ARN, got, err)
			}
		}
	})
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// fits is an independent matcher for patterns without brackets and escapes.
func fits(pattern string, role saml.Role) bool {
	if strings.ContainsAny(pattern, `[\`) || role.ARN == pattern {
		return true
	}
	expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(strings.ToLower(pattern)))
	matcher := regexp.MustCompile(`^(?s:` + expression + `)$`)
	return matcher.MatchString(strings.ToLower(role.ARN)) || matcher.MatchString(strings.ToLower(role.Name())) ||
		matcher.MatchString(strings.ToLower(role.Account()+"/"+role.Name()))
}
