package awsconfig

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
)

// docs/dev/compatibility.md documents how the AWS CLI, boto3 and the AWS SDK for Go read
// each of these files.
func TestCompatibility(t *testing.T) {
	document, err := os.ReadFile("../../docs/dev/compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	const a, b = "\nregion = a\n", "\nregion = b\n"
	rows := []struct {
		text, config, profile string
		python, golang, ours  string // the region, or "not found" or "rejects the file"
	}{
		{"`[profile default]`", "[profile default]" + a, "default", "a", "a", "a"},
		{"`[default]` a, then `[profile default]` b", "[default]" + a + "[profile default]" + b, "default", "b", "b", "b"},
		{"`[profile default]` b, then `[default]` a", "[profile default]" + b + "[default]" + a, "default", "a", "b", "a"},
		{"`[profile 'my prof']`", "[profile 'my prof']" + a, "my prof", "a", "not found", "a"},
		{"`[profile my prof]`", "[profile my prof]" + a, "my prof", "not found", "a", "a"},
		{"`[profile é]`, `[profile a&b]`", "[profile é]" + a, "é", "a", "a", "a"},
		{"several spaces or a tab after `profile`", "[profile \t x]" + a, "x", "a", "a", "a"},
		{"spaces within the brackets", "[ profile x ]" + a, "x", "not found", "a", "a"},
		{"settings with the same indent", "[profile x]\n  output = json\n  region = a\n", "x", "a", "a", "a"},
		{"an indented setting below one that is not", "[profile x]\noutput = json\n  region = a\n", "x", "not found", "a", "a"},
		{"`region: a`", "[profile x]\nregion: a\n", "x", "a", "a", "a"},
		{"`REGION = a`", "[profile x]\nREGION = a\n", "x", "a", "a", "a"},
		{"`region = a # b`", "[profile x]\nregion = a # b\n", "x", "a # b", "a", "a # b"},
		{"`region = \"a\"`", "[profile x]\nregion = \"a\"\n", "x", `"a"`, "a", `"a"`},
		{"a byte order mark", "\xef\xbb\xbf[profile x]" + a, "x", "rejects the file", "not found", "a"},
		{"a line that is not a setting", "[profile x]" + a + "what is this\n", "x", "rejects the file", "a", "a"},
		{"a section twice", "[profile x]" + a + "[profile x]\noutput = json\n", "x", "rejects the file", "a", "a"},
		{"a setting twice", "[profile x]" + a + "region = b\n", "x", "rejects the file", "b", "b"},
		{"a setting before the first section", "output = json\n[profile x]" + a, "x", "rejects the file", "a", "a"},
		{"a line without `=` below an empty value", "[profile x]" + a + "s3 =\n  y\n", "x", "rejects the file", "a", "a"},
		{"text that is not UTF-8", "[profile x]" + a + "output = \xe9\n", "x", "rejects the file", "a", "a"},
	}
	var folders []string
	for _, row := range rows {
		folders = append(folders, folderWith(t, []byte(row.config), nil))
	}
	read := readByPython(t, folders...)
	python := func(folder, tool, profile string) string {
		if read[folder][tool]["error"] != nil {
			return "rejects the file"
		}
		values, _ := read[folder][tool][profile].(map[string]any)
		if values["region"] == nil {
			return "not found"
		}
		return fmt.Sprint(values["region"])
	}
	for i, row := range rows {
		t.Run(row.text, func(t *testing.T) {
			for _, tool := range []string{"aws", "boto3"} {
				if got := python(folders[i], tool, row.profile); got != row.python {
					t.Errorf("%s: got %s, want %s", tool, got, row.python)
				}
			}
			golang := "not found"
			if shared, ok := readByGo(t, folders[i], row.profile).(config.SharedConfig); ok && shared.Region != "" {
				golang = shared.Region
			}
			if golang != row.golang {
				t.Errorf("the AWS SDK for Go: got %s, want %s", golang, row.golang)
			}
			env := map[string]string{"AZURE_TENANT_ID": "contoso.example"}
			p, err := Load(Paths{Config: folders[i] + "/config"}, func(name string) string { return env[name] }, row.profile, nil)
			if err != nil || p.Region != row.ours {
				t.Errorf("o365aws: got %s, %v, want %s", p.Region, err, row.ours)
			}
			cells := []string{row.text, row.python, row.golang, row.ours}
			if line := "| " + strings.Join(cells, " | ") + " |"; !strings.Contains(string(document), line+"\n") {
				t.Errorf("docs/dev/compatibility.md lacks the line\n%s", line)
			}
		})
	}
}
