package awsconfig

import (
	"fmt"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"
)

// SectionOf returns the name of the section that a new profile gets in the config file.
// The AWS CLI writes quotes around a name with spaces, and reads it only with them.
func SectionOf(profile string) string {
	switch {
	case profile == "default":
		return profile
	case strings.Contains(profile, " "):
		return "profile '" + profile + "'"
	}
	return "profile " + profile
}

// FindProfile returns the section of a profile in a config file. If the profile has
// sections with several spellings, it returns the last one, as the AWS CLI does. Sections
// with the same name are merged, as by the AWS SDK for Go.
func FindProfile(sections []Section, profile string) (Section, bool) {
	var found Section
	for _, s := range sections {
		if name, ok := s.Profile(); !ok || name != profile {
			continue
		}
		if s.Name == found.Name {
			s = Section{s.Name, found.Line, slices.Concat(found.KVs, s.KVs), slices.Concat(found.At, s.At)}
		}
		found = s
	}
	return found, found.Name != ""
}

// profileOf returns the profile that a section of the config file defines: [default], or
// [profile NAME] with a name that may be quoted as in a shell. It also accepts a name
// with spaces but without quotes, which the AWS SDK for Go reads but the AWS CLI does
// not.
func profileOf(section string) (string, bool) {
	rest, found := strings.CutPrefix(section, "profile")
	name := strings.TrimLeft(rest, " \t")
	switch n := len(name); {
	case section == "default":
		return section, true
	case !found || n == 0 || n == len(rest):
		return "", false
	case n > 1 && (name[0] == '"' || name[0] == '\'') && strings.IndexByte(name[1:], name[0]) == n-2:
		return name[1 : n-1], true
	}
	return strings.Join(strings.Fields(name), " "), true
}

// CheckProfileName returns an error for a name that AWS tools read differently in the
// config or the credentials file.
func CheckProfileName(name string) error {
	problem := ""
	switch {
	case name == "":
		problem = "empty"
	case name == "DEFAULT":
		problem = "the AWS CLI applies this section to every profile"
	case strings.HasPrefix(name, "profile "):
		problem = `the AWS SDKs ignore names that begin with "profile " in the credentials file`
	case strings.Join(strings.Fields(name), " ") != name:
		problem = "spaces at an end, and several in a row, are read differently by AWS tools"
	}
	for _, r := range name {
		if r != ' ' && !termtext.Plain(r) || strings.ContainsRune("[]#;\"'`\\", r) {
			problem = fmt.Sprintf("%q is read differently by AWS tools", r)
		}
	}
	if problem == "" {
		return nil
	}
	return fmt.Errorf("invalid profile name %q: %s", termtext.Printable(name, 200), problem)
}

// checkName returns an error for a new section that AWS tools read differently.
func checkName(section string) error {
	if name, ok := profileOf(section); ok {
		if SectionOf(name) != section {
			return fmt.Errorf("invalid section name [%s]", termtext.Printable(section, 200))
		}
		return CheckProfileName(name)
	}
	return CheckProfileName(section)
}
