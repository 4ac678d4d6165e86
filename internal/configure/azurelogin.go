package configure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// Import is what was found in the settings of another tool.
type Import struct {
	Plan      Plan
	Works     []string // profiles that work with o365aws, each with a word on how
	Ignored   []Ignored
	Passwords []Password // that stand in a file in clear
}

// Password is one that another tool keeps in clear.
type Password struct {
	Profile, Tenant, Username string
	Line                      int
	Value                     secret.Text
}

// passwordKey is where aws-azure-login and its forks keep one in clear.
const passwordKey = "azure_default_password"

// unknownSetting is why a setting is left out that only the other tool, or a
// fork of it, has.
const unknownSetting = "is not a setting that o365aws knows"

// FromAzureLogin looks through a config file for the profiles of
// aws-azure-login. Its keys are ours: there is nothing to change but what the
// settings add (a style) and, when move says so, passwords to take out.
func FromAzureLogin(config []byte, settings Settings, move bool) (Import, error) {
	if err := awsconfig.Check(config); err != nil {
		return Import{}, fault.Wrap(
			fault.Config, err, "the config file cannot be read by all AWS tools", "mend that line first",
		)
	}
	var found Import
	for _, s := range awsconfig.Sections(config) {
		name, ok := s.Profile()
		if !ok || s.Get("azure_tenant_id") == "" {
			continue
		}
		found.Works = append(found.Works, name+": works as it is"+credentialsBy(s)+sessionOf(s))
		p := Profile{Name: name}
		if err := settings.finish(&p); err != nil {
			return Import{}, err
		}
		for i, kv := range s.KVs {
			switch {
			case kv.Key == passwordKey:
				found.Passwords = append(found.Passwords, Password{
					Profile: name, Tenant: s.Get("azure_tenant_id"), Username: s.Get("azure_default_username"), Line: s.At[i], Value: secret.New(kv.Value),
				})
				if move {
					p.Unset = append(p.Unset, passwordKey)
					p.add("o365aws_remember", "password")
				} else {
					found.Ignored = append(found.Ignored, Ignored{name, kv.Key, s.At[i], "is a password in clear, which o365aws does not read; --move-passwords puts it into the keychain"})
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
			fault.Config, "no profile of aws-azure-login (with azure_tenant_id) is in the config file",
			"o365aws configure makes one from your e-mail address",
		)
	}
	return found, nil
}

func credentialsBy(s awsconfig.Section) string {
	if ours(s.Get("credential_process")) {
		return ", by credential_process"
	}
	return ""
}

// sessionOf says that a profile keeps no session: aws-azure-login writes that
// as its default, and programs then need the person each time.
func sessionOf(s awsconfig.Section) string {
	const key = "azure_default_remember_me"
	if !strings.EqualFold(s.Get(key), "false") || s.Get("o365aws_remember") != "" {
		return ""
	}
	return fmt.Sprintf(
		"; %s = false (line %d) keeps no session, so that each renewal asks you: o365aws_remember = session keeps it",
		key, s.LineOf(key),
	)
}

func known(key string) bool {
	return slices.ContainsFunc(awsconfig.Settings, func(s awsconfig.Setting) bool { return s.Key == key })
}
