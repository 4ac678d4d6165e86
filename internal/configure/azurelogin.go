package configure

import (
	"cmp"
	"errors"
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
	Verdicts  []Verdict
	Ignored   []Ignored
	Passwords []Password // stored in plain text
}

// Verdict reports whether a profile or an account of another tool works with o365aws.
type Verdict struct {
	Profile awsconfig.Profile // only its name is set if it cannot be loaded
	Account string            // name and line of the saml2aws account; "" for a profile
	Text    string
	Err     error // why it does not work; nil if it does
}

// String returns the verdict on one line.
func (v Verdict) String() string {
	if v.Err == nil {
		return v.Profile.Name + ": " + v.Text
	}
	text := cmp.Or(v.Account, v.Profile.Name) + ": " + v.Text + ": " + v.Err.Error()
	if f := (*fault.Error)(nil); errors.As(v.Err, &f) && len(f.Hints) > 0 {
		text += " (" + f.Hints[0] + ")"
	}
	return text
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

// FromAzureLogin finds the profiles of aws-azure-login and checks them. The plan only
// adds settings (a style) and, with move, removes passwords.
func FromAzureLogin(f files, settings Settings, move bool) (Import, error) {
	var found Import
	for _, s := range awsconfig.Sections(f.config) {
		name, ok := s.Profile()
		isAzure := func(kv awsconfig.KV) bool { return strings.HasPrefix(kv.Key, "azure_") }
		if !ok || !slices.ContainsFunc(s.KVs, isAzure) {
			continue
		}
		v := f.verdict(s, name)
		p := Profile{Name: name}
		if err := settings.finish(&p); err != nil && v.Err == nil {
			v.Text, v.Err = "left unchanged", err
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
		found.Verdicts = append(found.Verdicts, v)
		if v.Err == nil && len(p.Set)+len(p.Unset)+len(p.Default) > 0 {
			found.Plan.Profiles = append(found.Plan.Profiles, p)
		}
	}
	if len(found.Verdicts) == 0 {
		return Import{}, fault.New(
			fault.Config, "no profile of aws-azure-login (with azure_tenant_id) in the config file",
			"create one: o365aws configure",
		)
	}
	return found, nil
}

// verdict reports whether a profile of aws-azure-login works, and how.
func (f files) verdict(s awsconfig.Section, name string) Verdict {
	p, err := awsconfig.Load(f.paths, func(string) string { return "" }, name, nil)
	p.Name = name
	v := Verdict{Profile: p, Text: "does not work", Err: err}
	shadows := awsconfig.Shadows(f.paths, f.config, f.credentials, name)
	switch {
	case err != nil:
		return v
	case len(shadows) > 0:
		v.Err = errors.New(shadows[0].String())
		return v
	}
	v.Text = "works unchanged"
	process := ours(s.Get("credential_process"))
	if process {
		v.Text += ", with credential_process"
	}
	if p.RoleARN == "" {
		v.Text += "; prompts for the role, because azure_default_role_arn is not set"
	}
	if p.Username == "" {
		v.Text += "; prompts for the user name, because azure_default_username is not set"
	}
	for _, c := range awsconfig.Sections(f.credentials) {
		if c.Name == name && longLived(c) && !process {
			v.Text += fmt.Sprintf("; a login replaces the long-lived keys in the credentials file (line %d)", c.Line)
		}
	}
	v.Text += sessionOf(s)
	return v
}

// longLived reports whether a section of the credentials file has keys that do not expire.
func longLived(s awsconfig.Section) bool {
	return s.Get("aws_access_key_id") != "" && s.Get("aws_session_token") == "" && s.Get("aws_security_token") == ""
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
