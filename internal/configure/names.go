package configure

import (
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
)

// Role is a role to write a profile for.
type Role struct {
	ARN     string
	Account string // 12 digits
	Alias   string // of the account; "" when nobody knows it
	Name    string
}

// DefaultTemplate names the profiles of all roles.
const DefaultTemplate = "{account}-{role}"

// placeholders of a template.
func (r Role) placeholders() []string {
	alias := r.Alias
	if alias == "" {
		alias = r.Account
	}
	_, path, _ := strings.Cut(r.ARN, ":role/")
	return []string{
		"{account}", r.Account, "{alias}", strings.ReplaceAll(alias, " ", "-"), "{role}", r.Name, "{path}", strings.ReplaceAll(path, "/", "."),
	}
}

// CheckTemplate refuses a placeholder that there is not.
func CheckTemplate(template string) error {
	known := Role{}.placeholders()
	var names []string
	for i := 0; i < len(known); i += 2 {
		names = append(names, known[i])
		template = strings.ReplaceAll(template, known[i], "")
	}
	at := strings.IndexAny(template, "{}")
	if at < 0 {
		return nil
	}
	wrong := template[at:]
	if end := strings.IndexByte(wrong, '}'); end >= 0 {
		wrong = wrong[:end+1]
	}
	f := fault.Newf(fault.Config, "--name-template has no placeholder %s", termtext.Printable(wrong, 200))
	if near := termtext.Nearest(wrong, names); near != "" {
		f = f.Hint("did you mean %s?", near)
	}
	return f.Hint("there are %s", strings.Join(names, ", "))
}

// Names gives each role the name of a profile, by a template. Two roles with
// one name are refused: the second would overwrite the first.
func Names(template string, roles []Role) ([]string, error) {
	if err := CheckTemplate(template); err != nil {
		return nil, err
	}
	if !strings.Contains(template, "{role}") && !strings.Contains(template, "{path}") && len(roles) > 1 {
		return nil, fault.Newf(fault.Config, "--name-template %q gives every role of an account the same name", termtext.Printable(template, 200)).
			Hint("use {role} or {path} in it, e.g. %s", DefaultTemplate)
	}
	names, taken := make([]string, len(roles)), map[string]string{}
	for i, r := range roles {
		name := strings.NewReplacer(r.placeholders()...).Replace(template)
		if err := awsconfig.CheckProfileName(name); err != nil {
			return nil, fault.Wrap(fault.Config, err, "a profile cannot be called so", "choose another --name-template")
		}
		if other, ok := taken[name]; ok {
			return nil, fault.Newf(fault.Config, "two roles would both be profile %q: %s and %s", name, other, r.ARN).
				Hint("use {account} and {path} in --name-template")
		}
		names[i], taken[name] = name, r.ARN
	}
	return names, nil
}
