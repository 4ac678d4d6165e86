package configure

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
)

// Style is how the AWS tools get the credentials of a profile.
type Style string

// Styles of profiles.
const (
	Process Style = "credential-process" // they call o365aws
	File    Style = "file"               // o365aws login writes the credentials file
)

// Profile is a change to a profile.
type Profile struct {
	Name    string
	Set     []awsconfig.KV
	Default []awsconfig.KV // set only if the profile lacks the key
	Unset   []string
}

// Plan is a change to the config file.
type Plan struct {
	Profiles []Profile
	Force    bool // also change profiles that get credentials from another source
}

// Settings holds the settings that the user has chosen. Empty ones are not changed in the
// file.
type Settings struct {
	TenantID, Username, AppIDURI, Cloud, Region, RoleARN, Browser string
	LoginHosts                                                    []string
	Duration                                                      time.Duration
	Style                                                         Style
	SetRegion                                                     bool // Region replaces the region in the file
	// ProcessCommand returns the credential_process of a profile.
	ProcessCommand func(profile string) (string, error)
	// RegionFor returns the region of a profile without one; nil leaves it unset.
	RegionFor func(roleARN, cloud string) string
}

// DefaultAppIDURI is the identifier of the gallery application.
const DefaultAppIDURI = "https://signin.aws.amazon.com/saml"

// Base returns the profile with the settings that all roles share.
func (s Settings) Base(name string) (Profile, error) {
	p := Profile{Name: name}
	p.add("azure_tenant_id", s.TenantID)
	if s.AppIDURI != DefaultAppIDURI {
		p.add("azure_app_id_uri", s.AppIDURI)
	}
	p.add("azure_default_username", s.Username)
	p.add("azure_default_role_arn", s.RoleARN)
	if s.Cloud != "global" {
		p.add("o365aws_cloud", s.Cloud)
	}
	p.add("o365aws_login_hosts", strings.Join(s.LoginHosts, ","))
	p.add("o365aws_browser", s.Browser)
	return p, s.finish(&p)
}

// ForRole returns the profile of one role, which inherits the rest from base.
func (s Settings) ForRole(name, base string, role Role) (Profile, error) {
	p := Profile{Name: name}
	p.add("o365aws_base", base)
	p.add("azure_default_role_arn", role.ARN)
	return p, s.finish(&p)
}

func (p *Profile) add(key, value string) {
	if value != "" {
		p.Set = append(p.Set, awsconfig.KV{Key: key, Value: value})
	}
}

// finish adds the settings that every profile needs in its own section, because the AWS
// tools do not know o365aws_base.
func (s Settings) finish(p *Profile) error {
	if s.Duration > 0 {
		p.add("azure_default_duration_hours", strconv.FormatFloat(s.Duration.Hours(), 'g', 6, 64))
	}
	switch s.Style {
	case File:
		p.Unset = append(p.Unset, "credential_process")
	case Process:
		command, err := s.ProcessCommand(p.Name)
		if err != nil {
			return err
		}
		p.add("credential_process", command)
	}
	region := s.Region
	if region == "" && s.RegionFor != nil {
		region = s.RegionFor(s.RoleARN, s.Cloud)
	}
	if s.SetRegion {
		p.add("region", region)
	} else if region != "" {
		p.Default = append(p.Default, awsconfig.KV{Key: "region", Value: region})
	}
	return nil
}

// Apply returns the config file with the plan applied. It is idempotent.
func (p Plan) Apply(data []byte) ([]byte, error) {
	if err := awsconfig.Check(data); err != nil {
		return nil, err
	}
	for _, profile := range p.Profiles {
		if err := awsconfig.CheckProfileName(profile.Name); err != nil {
			return nil, err
		}
		present, found := awsconfig.FindProfile(awsconfig.Sections(data), profile.Name)
		if !found {
			present.Name = awsconfig.SectionOf(profile.Name)
		}
		unset := profile.Unset
		if p.Force {
			unset = append(slices.Clone(unset), otherSources(profile, present)...)
		} else if err := foreign(profile, present); err != nil {
			return nil, err
		}
		set := slices.Clone(profile.Set)
		for _, kv := range profile.Default {
			if present.Get(kv.Key) == "" {
				set = append(set, kv)
			}
		}
		var err error
		if data, err = awsconfig.EditSection(data, present.Name, set, unset); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// foreign returns an error for a profile that gets its credentials from another source,
// because the plan would break it.
func foreign(p Profile, s awsconfig.Section) error {
	for _, key := range awsconfig.Sources {
		value := s.Get(key)
		if value == "" || key == "credential_process" && ours(value) {
			continue
		}
		return fault.Newf(fault.Config, "profile %q exists and gets its credentials from %s (line %d)", p.Name, key,
			s.LineOf(key)).
			Hint("choose another --profile or --name-template, or pass --force to replace that")
	}
	return nil
}

// otherSources returns the settings of a profile that AWS tools would use instead of the
// credentials of o365aws.
func otherSources(p Profile, s awsconfig.Section) []string {
	if len(p.Set) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(awsconfig.Sources), func(key string) bool {
		// o365aws replaces its own command, and never removes long-lived keys.
		return key == "credential_process" || key == "aws_access_key_id" || s.Get(key) == ""
	})
}

// ours reports whether a credential_process is that of o365aws.
func ours(command string) bool {
	return strings.Contains(command, "o365aws") && strings.Contains(command, "credential-process")
}

// keys lists the keys that o365aws writes to the credentials file, and one that old tools
// wrote.
var keys = []string{
	"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_expiration", "aws_security_token",
}

// Unshadow returns the credentials file without temporary keys of profiles that get a
// credential_process, because the AWS tools would use the keys and never call it. It
// never removes long-lived keys; a profile with such keys causes an error.
func (p Plan) Unshadow(credentials []byte) ([]byte, error) {
	for _, profile := range p.Profiles {
		if !slices.ContainsFunc(profile.Set, func(kv awsconfig.KV) bool { return kv.Key == "credential_process" }) {
			continue
		}
		for _, s := range awsconfig.Sections(credentials) {
			if s.Name != profile.Name || s.Get("aws_access_key_id") == "" {
				continue
			}
			if longLived(s) {
				return nil, fault.Newf(fault.Config, "profile %q has long-lived keys in the credentials file "+
					"(line %d), which would shadow its credential_process", s.Name, s.Line).
					Hint("choose another --profile or --name-template, pass --style file, or remove those keys")
			}
			var err error
			if credentials, err = awsconfig.EditSection(credentials, s.Name, nil, keys); err != nil {
				return nil, err
			}
		}
	}
	return credentials, nil
}

// String returns the sections of the plan as they would be written to an empty file.
func (p Plan) String() string {
	data, err := Plan{Profiles: p.Profiles, Force: true}.Apply(nil)
	if err != nil {
		return fmt.Sprintf("# %v\n", err)
	}
	return string(data)
}
