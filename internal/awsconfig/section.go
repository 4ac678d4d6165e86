package awsconfig

import (
	"bytes"
	"slices"
)

// KV is a setting.
type KV struct{ Key, Value string }

// Section is one section of a file, without defaults or inheritance.
type Section struct {
	Name string // between the brackets
	Line int    // of its header, from 1
	KVs  []KV   // without nested blocks
	At   []int  // line of each of KVs
}

// Profile returns the name of the profile that a section of the config file defines,
// or false if it defines none.
func (s Section) Profile() (string, bool) {
	return profileOf(s.Name)
}

// Get returns the value of a setting, or "" if the section lacks it.
func (s Section) Get(key string) string {
	for _, kv := range s.KVs {
		if kv.Key == key {
			return kv.Value
		}
	}
	return ""
}

// LineOf returns the line of a setting, or 0 if the section lacks it.
func (s Section) LineOf(key string) int {
	for i, kv := range s.KVs {
		if kv.Key == key {
			return s.At[i]
		}
	}
	return 0
}

// Sections returns all sections of a file in file order. Lines that are neither a
// section nor a setting are skipped; Check returns them.
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

// Sources lists the settings that give a profile credentials from another source.
var Sources = []string{
	"aws_access_key_id", "credential_process", "credential_source", "role_arn", "source_profile", "sso_account_id",
	"sso_session", "sso_start_url", "web_identity_token_file",
}

// GivesCredentials reports whether the AWS tools get credentials from this section.
func (s Section) GivesCredentials() bool {
	return slices.ContainsFunc(Sources, func(key string) bool { return s.Get(key) != "" })
}
