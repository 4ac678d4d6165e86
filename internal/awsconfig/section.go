package awsconfig

import (
	"bytes"
	"slices"
	"strings"
)

// KV is a setting.
type KV struct{ Key, Value string }

// Section is one section of a file as it stands there.
type Section struct {
	Name string // between the brackets
	Line int    // of its header, from 1
	KVs  []KV   // without nested blocks
	At   []int  // line of each of KVs
}

// Profile returns the profile that a section of the config file is of, or
// false when it is none.
func (s Section) Profile() (string, bool) {
	if s.Name == "default" {
		return s.Name, true
	}
	return strings.CutPrefix(s.Name, "profile ")
}

// Get returns a setting, "" when it is not there.
func (s Section) Get(key string) string {
	for _, kv := range s.KVs {
		if kv.Key == key {
			return kv.Value
		}
	}
	return ""
}

// LineOf returns where a setting stands, 0 when it is not there.
func (s Section) LineOf(key string) int {
	for i, kv := range s.KVs {
		if kv.Key == key {
			return s.At[i]
		}
	}
	return 0
}

// Sections reads all sections of a file's content, in its order. What is no
// section and no setting is passed over; Check says where that is.
func Sections(data []byte) []Section {
	var list []Section
	for _, l := range Lines(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))) {
		switch l.Kind {
		case headerLine:
			list = append(list, Section{Name: l.Section, Line: l.Number})
		case settingLine:
			if n := len(list); n > 0 {
				list[n-1].KVs, list[n-1].At = append(list[n-1].KVs, KV{l.Key, l.Value}), append(list[n-1].At, l.Number)
			}
		}
	}
	return list
}

// Sources are the settings by which a profile gets its credentials without us.
var Sources = []string{
	"aws_access_key_id", "credential_process", "credential_source", "role_arn", "source_profile", "sso_session",
	"sso_start_url", "web_identity_token_file",
}

// GivesCredentials reports whether AWS's tools get credentials by this section.
func (s Section) GivesCredentials() bool {
	return slices.ContainsFunc(Sources, func(key string) bool { return s.Get(key) != "" })
}
