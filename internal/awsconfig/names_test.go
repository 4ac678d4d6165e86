package awsconfig

import (
	"os"
	"slices"
	"testing"
)

// Every spelling of a profile is read, and edited in place. The fields aws, boto3 and Go
// specify whether that tool finds the profile by its name.
func TestSpellings(t *testing.T) {
	rows := []struct {
		header, profile string
		python, golang  bool
	}{
		{"[default]", "default", true, true},
		{"[profile default]", "default", true, true},
		{"[profile work]", "work", true, true},
		{"[profile   work]", "work", true, true},
		{"[profile\twork]", "work", true, true},
		{"[profile 'work']", "work", true, false},
		{"[profile 'my prof']", "my prof", true, false},
		{`[profile "my prof"]`, "my prof", true, false},
		{"[profile my prof]", "my prof", false, true},
		{"[profile é]", "é", true, true},
		{"[profile a&b]", "a&b", true, true},
	}
	var folders []string
	for _, row := range rows {
		before := []byte(row.header + "\nregion = eu-west-1\nazure_tenant_id = contoso.example\n")
		s, found := FindProfile(Sections(before), row.profile)
		if !found {
			t.Errorf("%s: profile %s not found", row.header, row.profile)
		}
		after, err := EditSection(before, s.Name, []KV{{"region", "eu-central-1"}}, nil)
		if want := row.header + "\nregion = eu-central-1\nazure_tenant_id = contoso.example\n"; err != nil || string(after) != want {
			t.Errorf("%s: got %q, %v, want %q", row.header, after, err, want)
		}
		folder := folderWith(t, after, nil)
		folders = append(folders, folder)
		paths := Paths{Config: folder + "/config"}
		if p, err := Load(paths, os.Getenv, row.profile, nil); err != nil || p.Region != "eu-central-1" {
			t.Errorf("%s: got %+v, %v", row.header, p, err)
		}
		if names, err := ProfileNames(paths); err != nil || !slices.Equal(names, []string{row.profile}) {
			t.Errorf("%s: got profiles %q, %v", row.header, names, err)
		}
		if _, failed := readByGo(t, folder, row.profile).(string); failed == row.golang {
			t.Errorf("%s: the AWS SDK for Go finds %s: %v", row.header, row.profile, !failed)
		}
	}
	read := readByPython(t, folders...)
	for i, row := range rows {
		for _, tool := range []string{"aws", "boto3"} {
			if _, found := read[folders[i]][tool][row.profile]; found != row.python {
				t.Errorf("%s: %s finds %s: %v", row.header, tool, row.profile, found)
			}
		}
	}
}

// A new profile with spaces is written as the AWS CLI writes it.
func TestNewNames(t *testing.T) {
	for profile, want := range map[string]string{
		"default": "[default]\n", "work": "[profile work]\n", "my prof": "[profile 'my prof']\n", "é&b": "[profile é&b]\n",
		"a#b": "", "a'b": "", "a  b": "", "DEFAULT": "", "profile x": "", "a\u202eb": "", "": "",
	} {
		t.Run(profile, func(t *testing.T) {
			got, err := EditSection(nil, SectionOf(profile), nil, nil)
			if string(got) != want || (err == nil) != (want != "") || (CheckProfileName(profile) == nil) != (err == nil) {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}

// If there are both [default] and [profile default], the last one counts, as in the AWS
// CLI.
func TestTwoDefaults(t *testing.T) {
	const first, second = "[default]\nregion = eu-west-1\n", "[profile default]\nregion = eu-west-2\n"
	for text, want := range map[string]string{first + second: "eu-west-2", second + first: "eu-west-1"} {
		folder := folderWith(t, []byte(text), nil)
		env := map[string]string{"AZURE_TENANT_ID": "contoso.example"}
		p, err := Load(Paths{Config: folder + "/config"}, func(name string) string { return env[name] }, "default", nil)
		if err != nil || p.Region != want {
			t.Errorf("%q: got %s, %v, want %s", text, p.Region, err, want)
		}
		got := readByPython(t, folder)[folder]["aws"]["default"].(map[string]any)["region"]
		if got != want {
			t.Errorf("%q: the AWS CLI reads %v, want %s", text, got, want)
		}
	}
}
