package configure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// Import holds the result of reading the settings of another tool.
type Import struct {
	Plan      Plan
	Works     []string // a line for each profile that works
	Ignored   []Ignored
	Passwords []Password // stored in plain text
}

// Password is a password that another tool stores in plain text.
type Password struct {
	Profile, Tenant, Username string
	Line                      int
	Value                     secret.Text
}

// passwordKey is the setting in which aws-azure-login and its forks store it.
const passwordKey = "azure_default_password"

// unknownSetting is the reason to ignore a setting of the other tool or a fork.
const unknownSetting = "is not a setting of o365aws"

// FromAzureLogin finds the profiles of aws-azure-login in a config file. They work
// unchanged: the plan only adds settings (a style) and, with move, removes
// passwords.
func FromAzureLogin(config []byte, settings Settings, move bool) (Import, error) {
	if err := awsconfig.Check(config); err != nil {
		return Import{}, fault.Wrap(
			fault.Config, err, "some AWS tools cannot parse the config file", "fix that line first",
		)
	}
	var found Import
	for _, s := range awsconfig.Sections(config) {
		name, ok := s.Profile()
		if !ok || s.Get("azure_tenant_id") == "" {
			continue
		}
		found.Works = append(found.Works, name+": works unchanged"+credentialsBy(s)+sessionOf(s))
		p := Profile{Name: name}
		if err := settings.finish(&p); err != nil {
			return Import{}, err
		}
		for i, kv := range s.KVs {
			switch {
			case kv.Key == passwordKey:
				found.Passwords = append(found.Passwords, Password{
					Profile: name, Tenant: s.Get("azure_tenant_id"), Username: s.Get("azure_default_username"),
					Line: s.At[i], Value: secret.New(kv.Value),
				})
				if move {
					p.Unset = append(p.Unset, passwordKey)
					p.add("o365aws_remember", "password")
				} else {
					found.Ignored = append(found.Ignored, Ignored{name, kv.Key, s.At[i], "is a plain-text " +
						"password, which o365aws does not read; --move-passwords moves it to the secret store"})
				}
			case strings.HasPrefix(kv.Key, "azure_") && !known(kv.Key):
				found.Ignored = append(found.Ignored, Ignored{name, kv.Key, s.At[i], unknownSetting})
			}
		}
		if len(p.Set)+len(p.Unset)+len(p.Default) > 0 {
			found.Plan.Profiles = append(found.Plan.Profiles, p)
		}
	}
	if len(found.Works) == 0 {
		return Import{}, fault.New(
			fault.Config, "no profile of aws-azure-login (with azure_tenant_id) in the config file",
			"create one: o365aws configure",
		)
	}
	return found, nil
}

func credentialsBy(s awsconfig.Section) string {
	if ours(s.Get("credential_process")) {
		return ", with credential_process"
	}
	return ""
}

// sessionOf warns about a profile that saves no session: aws-azure-login writes that
// by default, and each renewal is then interactive.
func sessionOf(s awsconfig.Section) string {
	const key = "azure_default_remember_me"
	if !strings.EqualFold(s.Get(key), "false") || s.Get("o365aws_remember") != "" {
		return ""
	}
	return fmt.Sprintf(
		"; %s = false (line %d) saves no session, so each renewal prompts: set o365aws_remember = session to save it",
		key, s.LineOf(key),
	)
}

func known(key string) bool {
	return slices.ContainsFunc(awsconfig.Settings, func(s awsconfig.Setting) bool { return s.Key == awsconfig.Canonical(key) })
}
