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
	Alias   string // of the account; "" if unknown
	Name    string
}

// DefaultTemplate is the template for profile names.
const DefaultTemplate = "{account}-{role}"

// placeholders returns the placeholders of a template with their values.
func (r Role) placeholders() []string {
	alias := r.Alias
	if alias == "" {
		alias = r.Account
	}
	_, path, _ := strings.Cut(r.ARN, ":role/")
	return []string{
		"{account}", r.Account, "{alias}", strings.ReplaceAll(alias, " ",
			"-"), "{role}", r.Name, "{path}", strings.ReplaceAll(path, "/", "."),
	}
}

// CheckTemplate refuses unknown placeholders.
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
	f := fault.Newf(fault.Config, "unknown placeholder %s in --name-template", termtext.Printable(wrong, 200))
	if near := termtext.Nearest(wrong, names); near != "" {
		f = f.Hint("did you mean %s?", near)
	}
	return f.Hint("use %s", strings.Join(names, ", "))
}

// Names returns a profile name for each role. Two roles with the same profile name cause
// an error, because the second would overwrite the first.
func Names(template string, roles []Role) ([]string, error) {
	if err := CheckTemplate(template); err != nil {
		return nil, err
	}
	if !strings.Contains(template, "{role}") && !strings.Contains(template, "{path}") && len(roles) > 1 {
		return nil, fault.Newf(fault.Config, "--name-template %q gives every role of an account the same name",
			termtext.Printable(template, 200)).
			Hint("add {role} or {path}, e.g. %s", DefaultTemplate)
	}
	names, taken := make([]string, len(roles)), map[string]string{}
	for i, r := range roles {
		name := strings.NewReplacer(r.placeholders()...).Replace(template)
		if err := awsconfig.CheckProfileName(name); err != nil {
			return nil, fault.Wrap(fault.Config, err, "invalid profile name", "choose another --name-template")
		}
		if other, ok := taken[name]; ok {
			return nil, fault.Newf(fault.Config, "profile name %q is not unique: %s and %s", name, other, r.ARN).
				Hint("add {account} and {path} to --name-template")
		}
		names[i], taken[name] = name, r.ARN
	}
	return names, nil
}
