package awsconfig

import (
	"fmt"
	"maps"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
)

// change is an edit of one profile, with the folders before and after it.
type change struct {
	name, profile, before, after string
	want                         map[string]string // settings that the edit set
}

// changesOf returns edits of a config or a credentials file: one that adds a profile, and
// one for each existing profile.
func changesOf(t *testing.T, name string, data []byte) []change {
	t.Helper()
	isConfig := strings.HasSuffix(name, ".config")
	folder := func(data []byte) string {
		if isConfig {
			return folderWith(t, data, nil)
		}
		return folderWith(t, nil, data)
	}
	sections := map[string]string{"new profile": "new profile"}
	if isConfig {
		sections["new profile"] = SectionOf("new profile")
	}
	for _, s := range Sections(data) {
		profile, ok := s.Name, true
		if isConfig {
			profile, ok = s.Profile()
		}
		if ok {
			sections[profile] = s.Name // the last one if there are several
		}
	}
	before := folder(data)
	var changes []change
	for profile, section := range sections {
		set := []KV{{"aws_session_token", "token=="}, {"azure_app_id_uri", "saml#2"}, {"region", "eu-north-1"}}
		after, err := EditSection(data, section, set, []string{"output"})
		if err != nil {
			t.Errorf("%s: edit of %s: %v", name, profile, err)
			continue
		}
		changes = append(changes, change{name, profile, before, folder(after), map[string]string{
			"aws_session_token": "token==", "azure_app_id_uri": `saml\#2`, "region": "eu-north-1",
		}})
	}
	return changes
}

// checkChanges compares what the AWS CLI, boto3 and the AWS SDK for Go read before and
// after edits: the edited profile has the new settings, and everything else is unchanged.
func checkChanges(t *testing.T, changes []change) {
	t.Helper()
	var folders []string
	for _, c := range changes {
		folders = append(folders, c.before, c.after)
	}
	read := readByPython(t, folders...)
	for _, c := range changes {
		for _, tool := range []string{"aws", "boto3"} {
			before, after := maps.Clone(read[c.before][tool]), maps.Clone(read[c.after][tool])
			got, _ := after[c.profile].(map[string]any)
			for key, want := range c.want {
				if got[key] != want {
					t.Errorf("%s, %s: %s reads %s = %v, want %s", c.name, c.profile, tool, key, got[key], want)
				}
			}
			delete(before, c.profile)
			delete(after, c.profile)
			if before["error"] == nil && !reflect.DeepEqual(before, after) {
				t.Errorf("%s, %s: %s reads the other profiles as\n%v\nbefore\n%v", c.name, c.profile, tool, after, before)
			}
		}
		for profile := range read[c.before]["aws"] {
			before, after := readByGo(t, c.before, profile), readByGo(t, c.after, profile)
			if profile != c.profile && !sameForGo(before, after) {
				t.Errorf("%s, %s: Go reads %s as\n%+v\nbefore\n%+v", c.name, c.profile, profile, after, before)
			}
		}
	}
}

// sameForGo compares two results of readByGo.
func sameForGo(a, b any) bool {
	x, okX := a.(config.SharedConfig)
	y, okY := b.(config.SharedConfig)
	if !okX || !okY {
		return a == b
	}
	x.Credentials.Source, y.Credentials.Source = "", "" // the file
	x.Source, y.Source = nil, nil                       // the profile that source_profile names
	return reflect.DeepEqual(x, y)
}

// Every file of the corpus, which covers the styles of tools and people, can be edited,
// and the AWS tools read all other profiles as before.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "real", "*"))
	if err != nil || len(files) < 40 {
		t.Fatalf("got %d files, %v, want at least 40", len(files), err)
	}
	var changes []change
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, changesOf(t, filepath.Base(file), data)...)
	}
	checkChanges(t, changes)
}

// For random files that the AWS CLI reads, an edit leaves every other profile unchanged
// for the AWS CLI, boto3 and the AWS SDK for Go.
func TestRandomFiles(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	lines := []string{
		"[default]", "[profile a]", "[profile  b]", "[profile 'c d']", "[profile\te]", "[services x]", "[preview]",
		"region = us-east-1", "output=json", "cli_pager =", "s3 =\n  addressing_style = path\n  use_dualstack = true",
		"  max_attempts = 3", "\tretry_mode = standard", "# comment", "; comment", "  # comment", "", "   ",
		"role_arn: arn:aws:iam::111122223333:role/x", "Source_Profile = default", "credential_process = x --y='z'",
		"azure_tenant_id = \"contoso.example\"", "azure_app_id_uri=saml\\#3", "mfa_serial = a # b",
	}
	var changes []change
	for i := 0; i < 60; i++ {
		text, end := "[profile first]\n", []string{"\n", "\r\n"}[random.Intn(2)]
		for range random.Intn(16) {
			text += lines[random.Intn(len(lines))] + "\n"
		}
		data := []byte(strings.ReplaceAll(text, "\n", end))
		if check(data) == nil {
			changes = append(changes, changesOf(t, fmt.Sprintf("%q.config", data), data)...)
		}
	}
	checkChanges(t, changes)
}
