package awsconfig

import (
	"bytes"
	"slices"
	"strings"
)

// WithoutDefaultCredentials returns the content of a config or credentials file without
// the settings from which AWS tools get the credentials of the default profile, and
// reports whether there were any. A profile that assumes its role with the credentials of
// the default profile gets them from the container credentials instead. It preserves
// every other byte.
func WithoutDefaultCredentials(data []byte) ([]byte, bool) {
	if !slices.ContainsFunc(Sections(data), func(s Section) bool { return isDefault(s.Name) && s.GivesCredentials() }) {
		return data, false
	}
	var out bytes.Buffer
	inDefault, dropping := false, false
	for _, l := range Lines(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))) {
		switch l.Kind {
		case headerLine:
			inDefault, dropping = isDefault(l.Section), false
		case settingLine:
			dropping = inDefault && givesCredentials(l.Key)
			if !inDefault && l.Key == "source_profile" && l.Value == "default" {
				out.WriteString("credential_source = EcsContainer\n")
				continue
			}
		}
		if dropping && (l.Kind == settingLine || l.Kind == nestedLine) {
			continue
		}
		out.Write(l.Raw)
	}
	return out.Bytes(), true
}

func isDefault(section string) bool { return section == "default" || section == "profile default" }

func givesCredentials(key string) bool {
	return slices.Contains(Sources, key) || strings.HasPrefix(key, "sso_") ||
		key == "aws_secret_access_key" || key == "aws_session_token" || key == "login_session"
}
