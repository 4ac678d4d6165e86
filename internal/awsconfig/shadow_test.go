package awsconfig

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// Shadows returns exactly those settings that make boto3 and the AWS SDK for Go use
// credentials from another source.
func TestShadows(t *testing.T) {
	output := filepath.Join(t.TempDir(), "output.json")
	text := `{"Version":1,"AccessKeyId":"ASIAPROCESS","SecretAccessKey":"s","SessionToken":"t","Expiration":"2099-01-01T00:00:00Z"}`
	if err := os.WriteFile(output, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	const (
		keys = "aws_access_key_id = ASIAFILE\naws_secret_access_key = s\naws_session_token = t\n"
		role = "role_arn = arn:aws:iam::111122223333:role/x\n"
		sso  = "sso_session = corp\nsso_account_id = 111122223333\nsso_role_name = x\n[sso-session corp]\n" +
			"sso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n"
	)
	process := "credential_process = cat " + output + "\n"
	const source = "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s\n"
	rows := []struct {
		name, config, credentials string
		want                      string // keys, with p for Python and g for Go
		python, golang            string // credentials that the tools use
	}{
		{"keys", "", keys, "", "shared-credentials-file", "ASIAFILE"},
		{"process", process, "", "", "custom-process", "ASIAPROCESS"},
		{"keys, role", role + "source_profile = base\n" + source, keys, "role_arn pg", "assume-role", "a role"},
		{"process, role", process + role + "source_profile = base\n" + source, "", "role_arn pg", "assume-role", "nothing"},
		{
			"keys, web identity", role + "web_identity_token_file = /x\n", keys, "role_arn pg",
			"assume-role-with-web-identity", "a role",
		},
		{"keys, SSO", sso, keys, "sso_account_id p", "sso", "ASIAFILE"},
		{"process, SSO", process + sso, "", "sso_account_id p, sso_session g", "sso", "nothing"},
		{"process, keys", process, keys, "aws_access_key_id pg", "shared-credentials-file", "ASIAFILE"},
		{"process, keys in config", process + keys, "", "aws_access_key_id g", "custom-process", "ASIAFILE"},
		{
			"process, another process", process, "credential_process = echo x\n", "credential_process pg",
			"JSONDecodeError", "nothing",
		},
		{"process, nested", process + "s3 =\n  role_arn = x\n", "", "", "custom-process", "ASIAPROCESS"},
	}
	t.Setenv("HOME", t.TempDir())
	var folders []string
	for _, row := range rows {
		folders = append(folders, folderWith(t, []byte("[profile dev]\n"+row.config), []byte("[dev]\n"+row.credentials)))
	}
	read := runPython(t, folders, "source")
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var got []string
			for _, s := range Shadows(Paths{}, []byte("[profile dev]\n"+row.config), []byte("[dev]\n"+row.credentials), "dev") {
				tools := map[bool]string{true: "p"}[s.Python] + map[bool]string{true: "g"}[s.Go]
				got = append(got, s.Key+" "+tools)
			}
			if got := strings.Join(got, ", "); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
			if got := read[folders[i]]["source"]["dev"]; got != row.python {
				t.Errorf("boto3 uses %v, want %s", got, row.python)
			}
			if got := usedByGo(t, folders[i]); got != row.golang {
				t.Errorf("the AWS SDK for Go uses %s, want %s", got, row.golang)
			}
		})
	}
}

// usedByGo returns the access key that the AWS SDK for Go uses for the profile dev, or
// how it gets one.
func usedByGo(t *testing.T, folder string) string {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithSharedConfigProfile("dev"),
		config.WithSharedConfigFiles([]string{filepath.Join(folder, "config")}),
		config.WithSharedCredentialsFiles([]string{filepath.Join(folder, "credentials")}))
	if err != nil {
		return "nothing" // it accepts one source in a profile
	}
	cache, ok := cfg.Credentials.(*aws.CredentialsCache)
	if !ok || slices.Contains(cache.ProviderSources(), aws.CredentialSourceSTSAssumeRole) {
		return "a role"
	}
	got, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		return "nothing"
	}
	return got.AccessKeyID
}
