package awsconfig

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/fault"
)

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
	for _, l := range scan(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))) {
		switch l.kind {
		case header:
			list = append(list, Section{Name: l.section, Line: l.number})
		case setting:
			if n := len(list); n > 0 {
				list[n-1].KVs, list[n-1].At = append(list[n-1].KVs, KV{l.key, l.value}), append(list[n-1].At, l.number)
			}
		}
	}
	return list
}

// Check reports the first line for which some AWS tool would reject a file, as
// a *SyntaxError.
func Check(data []byte) error { return check(data) }

// SectionOf is how a profile's section is called in the config file.
func SectionOf(profile string) string { return sectionOf(profile) }

// CheckProfileName refuses a name that some AWS parser reads differently.
func CheckProfileName(name string) error { return checkName(sectionOf(name)) }

// ReadFile returns the content of a file, nothing when it does not exist.
func ReadFile(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fault.Wrap(fault.Config, err, "cannot read "+path)
	}
	return data, nil
}

// ChangeConfig changes the config file under its lock; a change to the same
// content leaves even the file's time as it is.
func ChangeConfig(ctx context.Context, paths Paths, change func([]byte) ([]byte, error)) error {
	return changeFile(ctx, paths.Config, paths.Locks(), change)
}

// ChangeCredentials does the same to the credentials file.
func ChangeCredentials(ctx context.Context, paths Paths, change func([]byte) ([]byte, error)) error {
	return changeFile(ctx, paths.Credentials, paths.Locks(), change)
}

func changeFile(ctx context.Context, path, locks string, change func([]byte) ([]byte, error)) error {
	err := UpdateFile(ctx, path, locks, func(data []byte) ([]byte, error) {
		changed, err := change(data)
		if err == nil && bytes.Equal(data, changed) {
			return nil, errSame
		}
		return changed, err
	})
	switch {
	case errors.Is(err, errSame):
		return nil
	case err == nil || ctx.Err() != nil:
		return err
	}
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return fault.Wrap(fault.Config, err, "not written, the file is as it was")
}

// errSame ends an update that changes nothing.
var errSame = errors.New("nothing to change")

// Sources are the settings by which a profile gets its credentials without us.
var Sources = []string{"aws_access_key_id", "credential_process", "credential_source", "role_arn", "source_profile", "sso_session", "sso_start_url", "web_identity_token_file"}

// GivesCredentials reports whether AWS's tools get credentials by this section.
func (s Section) GivesCredentials() bool {
	return slices.ContainsFunc(Sources, func(key string) bool { return s.Get(key) != "" })
}
