package awsconfig

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
)

// Indented settings remain unchanged, and the AWS CLI, boto3 and the AWS SDK for Go read
// them before and after a change of their own or of another section.
func TestIndentedSettings(t *testing.T) {
	const indented = "[other]\n  aws_access_key_id = AKIAOTHER\n  aws_secret_access_key = secret\n"
	rows := map[string]struct{ in, section, want string }{
		"another section": {
			indented, "dev", indented + "\n[dev]\naws_access_key_id = ASIANEW\naws_secret_access_key = a/b+c==\n",
		},
		"its own section": {
			"[dev]\n  aws_access_key_id = OLD\n  region = x\n" + indented, "dev",
			"[dev]\n  aws_access_key_id = ASIANEW\n  region = x\n  aws_secret_access_key = a/b+c==\n" + indented,
		},
		"by a tab": {
			"[dev]\n\tregion = x\n" + indented, "dev",
			"[dev]\n\tregion = x\n\taws_access_key_id = ASIANEW\n\taws_secret_access_key = a/b+c==\n" + indented,
		},
		"a nested block": {
			"[dev]\nregion = x\ns3 =\n  a = 1\n" + indented, "dev",
			"[dev]\nregion = x\ns3 =\n  a = 1\naws_access_key_id = ASIANEW\naws_secret_access_key = a/b+c==\n" + indented,
		},
	}
	var names, folders []string
	for name, row := range rows {
		got, err := EditSection([]byte(row.in), row.section, keys, nil)
		if err != nil || string(got) != row.want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, row.want)
		}
		names, folders = append(names, name), append(folders, folderWith(t, nil, got))
	}
	read := readByPython(t, folders...)
	for i, name := range names {
		for profile, want := range map[string]string{"dev": "ASIANEW", "other": "AKIAOTHER"} {
			for _, tool := range []string{"aws", "boto3"} {
				values, _ := read[folders[i]][tool][profile].(map[string]any)
				if got := values["aws_access_key_id"]; got != want {
					t.Errorf("%s: %s reads %v of %s, want %s", name, tool, got, profile, want)
				}
			}
			shared, _ := readByGo(t, folders[i], profile).(config.SharedConfig)
			if got := shared.Credentials.AccessKeyID; got != want {
				t.Errorf("%s: Go reads %v of %s, want %s", name, got, profile, want)
			}
		}
	}
}
