package awsconfig

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

const file = "\xef\xbb\xbf# c\r\n[default]\r\nRegion = eu\r\n s3 = x\n;d\n[ profile  dev ] # note\nkey=a = b\ns3 =\n\tn = 1\n[broken\n= x\nstray\n[]\n[profile x]\nk =\nk2 = v2"

// Lines are classified as by the AWS CLI.
func TestLines(t *testing.T) {
	var kinds []lineKind
	var whole strings.Builder
	for i, l := range Lines([]byte(strings.TrimPrefix(file, "\xef\xbb\xbf"))) {
		if l.Number != i+1 {
			t.Errorf("got line number %[2]d, want %[1]d", i+1, l.Number)
		}
		kinds = append(kinds, l.Kind)
		whole.Write(l.Raw)
	}
	want := []lineKind{
		commentLine, headerLine, settingLine, nestedLine, commentLine, headerLine, settingLine, settingLine,
		nestedLine, strayLine, strayLine, strayLine, strayLine, headerLine, settingLine, settingLine,
	}
	if !slices.Equal(kinds, want) || "\xef\xbb\xbf"+whole.String() != file {
		t.Errorf("%v, want %v, of %q", kinds, want, whole.String())
	}
	for text, want := range map[string]lineKind{" ": blankLine, "\t\r\n": blankLine, "  # c": commentLine, " [a]": headerLine, "[ ]": strayLine, "[a": strayLine, "a": strayLine, " = b": strayLine, "=b": strayLine, "a=": settingLine} {
		t.Run(text, func(t *testing.T) {
			if got := Lines([]byte(text)); len(got) != 1 || got[0].Kind != want {
				t.Errorf("%q: %+v, want %d", text, got, want)
			}
		})
	}
}

// Sections returns the settings in lower case and trimmed, with their lines.
func TestAll(t *testing.T) {
	got := Sections([]byte(file))
	want := []Section{
		{Name: "default", Line: 2, KVs: []KV{{"region", "eu"}}, At: []int{3}},
		{Name: "profile  dev", Line: 6, KVs: []KV{{"key", "a = b"}, {"s3", ""}}, At: []int{7, 8}},
		{Name: "profile x", Line: 14, KVs: []KV{{"k", ""}, {"k2", "v2"}}, At: []int{15, 16}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v\nwant %+v", got, want)
	}
	if got[1].Get("key") != "a = b" || got[1].Get("region") != "" || got[1].LineOf("s3") != 8 ||
		got[1].LineOf("x") != 0 {
		t.Errorf("settings of %+v", got[1])
	}
	for name, want := range map[string]string{"default": "default", "profile dev": "dev", "dev": "", "profiled": "", "services x": "", "profile": "", "profile  x": "x", "profile\tx": "x", "profile 'my prof'": "my prof", "profile \"my prof\"": "my prof", "profile my prof": "my prof", "profile default": "default", "profile é&b": "é&b"} {
		t.Run(name, func(t *testing.T) {
			if got, ok := (Section{Name: name}).Profile(); ok != (want != "") || ok && got != want {
				t.Errorf("%s: %q %v", name, got, ok)
			}
		})
	}
	if before := Sections([]byte("a = b\n[x]\n")); len(before) != 1 || len(before[0].KVs) != 0 {
		t.Errorf("a setting before the first section: %+v", before)
	}
}

// Each of Sources gives a section credentials.
func TestGivesCredentials(t *testing.T) {
	for _, key := range []string{
		"aws_access_key_id", "credential_process", "credential_source", "role_arn", "source_profile", "sso_session", "sso_start_url", "web_identity_token_file",
	} {
		if !(Section{KVs: []KV{{"region", "r"}, {key, "x"}}}).GivesCredentials() ||
			(Section{KVs: []KV{{key, ""}}}).GivesCredentials() {
			t.Errorf("by %s", key)
		}
	}
	if (Section{KVs: []KV{{"azure_tenant_id", "x"}, {"region", "r"}}}).GivesCredentials() {
		t.Error("by our own settings")
	}
}
