package doctor

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/awsconfig"
)

// onDisk returns a World with files in a new folder. It does not create a file for empty
// text.
func onDisk(t *testing.T, config, credentials string) World {
	t.Helper()
	w := world(answer{})
	folder := t.TempDir()
	w.Paths = awsconfig.Paths{
		Config: filepath.Join(folder, "config"), Credentials: filepath.Join(folder, "credentials"),
		Home: filepath.Join(folder, "o365aws"),
	}
	w.GOOS = runtime.GOOS
	for path, text := range map[string]string{w.Paths.Config: config, w.Paths.Credentials: credentials} {
		if text == "" {
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// expect compares findings with lines of a status and a part of the detail or the
// fixes, in a subtest.
func expect(t *testing.T, name string, found []Finding, want ...string) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Helper()
		matches := len(found) == len(want)
		for i := 0; matches && i < len(found); i++ {
			status, part, _ := strings.Cut(want[i], " ")
			matches = string(found[i].Status) == status &&
				strings.Contains(found[i].Detail+"\n"+strings.Join(found[i].Fixes, "\n"), part)
		}
		if !matches {
			t.Errorf("got %+v\nwant %q", found, want)
		}
	})
}

func TestConfigFile(t *testing.T) {
	for config, want := range map[string][]string{
		"":                            {"ok does not exist"},
		"[profile a]\nregion = x\n":   {"ok parses with every AWS tool"},
		"[profile a]\nwhat is this\n": {"problem config:2: "},
		"[profile a]\n[profile a]\nazure_x = y\n":                                                 {"problem config:2: ", "warning config:3: "},
		"[default]\nazure_default_password = hunter2\n":                                           {"warning config:2: plain-text password"},
		"[default]\nazure_tenent_id = x\n":                                                        {"warning did you mean azure_tenant_id?"},
		"[default]\no365aws_quite_another = x\n":                                                  {"warning delete that line"},
		"[default]\nazure_tenant_id = x\no365aws_base = y\no365aws_mfa = push\nsso_session = z\n": {"ok parses with every AWS tool"},
		"[default]\n  region = x\n":                                                               {"warning config:2: indented setting"},
		"[default]\nregion = x\n[profile default]\n":                                              {"problem config:3: [profile default] and [default] in line 1"},
		"[profile a]\no365aws_base = b\n[profile b]\nregion = x\n":                                {"warning aws configure set region x --profile a"},
		"[profile 'a b']\nregion = x\n":                                                           {"warning the AWS SDK for Go (Terraform) does not find"},
		"[profile a b]\nregion = x\n":                                                             {"warning write it as [profile 'a b']"},
		"[default]\nregion = \"x\"\nazure_tenant_id = \"x\"\nazure_app_id = y # z\n":              {"warning config:2: the quotes"},
		"[default]\nregion = x # home\noutput = json ; mine\ncli_pager = a#b;c\n":                 {"warning config:2: ", "warning config:3: "},
	} {
		expect(t, config, configFile(t.Context(), onDisk(t, config, "")), want...)
	}
	w := onDisk(t, "", "")
	w.Paths.Config = filepath.Dir(w.Paths.Config)
	expect(t, "not to be read", configFile(t.Context(), w), "problem cannot read")
}

func TestCredentialsFile(t *testing.T) {
	for credentials, want := range map[string]string{
		"": "ok does not exist", "[a]\naws_access_key_id = x\n": "ok parses with every AWS tool", "[a]\nx = y\n[a]\n": "problem credentials:3: ",
	} {
		expect(t, credentials, credentialsFile(t.Context(), onDisk(t, "", credentials)), want)
	}
	w := onDisk(t, "", "")
	w.Paths.Credentials = filepath.Dir(w.Paths.Credentials)
	expect(t, "not to be read", credentialsFile(t.Context(), w), "problem cannot read")
	expect(t, "shadowing, not to be read", shadowing(t.Context(), w), "skipped cannot read")
}

func TestProfiles(t *testing.T) {
	w := world(answer{})
	expect(t, "one", profiles(t.Context(), w), "ok 1 o365aws profile")
	w.Profiles = append(
		w.Profiles, awsconfig.Loaded{Profile: awsconfig.Profile{Name: "broken"}, Err: errors.New("no such store")},
	)
	expect(t, "a broken one", profiles(t.Context(), w), "problem profile broken: no such store")
	w.Profiles = nil
	expect(t, "none", profiles(t.Context(), w), "problem no o365aws profile")
	w.Unread = errors.New("unclosed section")
	expect(t, "unread", profiles(t.Context(), w), "problem unclosed section")
}

// Settings shadow only the credentials of the same profile.
func TestShadowing(t *testing.T) {
	const process = "credential_process = o365aws credential-process\n"
	for _, c := range []struct{ config, credentials, want string }{
		{process, "[work]\naws_access_key_id = ASIA1\n", "problem credentials:2: aws_access_key_id: the AWS CLI, boto3 and the AWS SDK for Go use it"},
		{"", "[work]\naws_access_key_id = ASIA1\n", "ok "},
		{process, "[other]\naws_access_key_id = ASIA1\n", "ok "},
		{process, "[work]\nregion = x\n", "ok "},
		{process, "", "ok "},
		{"sso_account_id = 1\n", "", "problem the AWS CLI and boto3 use it (the AWS SDK for Go does not)"},
	} {
		w := onDisk(t, "[profile work]\n"+c.config, c.credentials)
		expect(t, c.config+c.credentials, shadowing(t.Context(), w), c.want)
	}
}

// Every file with keys, and its folder, is checked.
func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no file modes")
	}
	w := onDisk(t, "", "[a]\n")
	files := []string{w.Paths.Credentials, filepath.Join(w.Paths.Home, "cache", "x.json"), w.Paths.Accounts()}
	if err := os.MkdirAll(filepath.Join(w.Paths.Home, "cache"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, "all closed", modes(t.Context(), w), "ok only you")
	for _, path := range append(files, w.Paths.Home) {
		open, closed, fix := os.FileMode(0o604), os.FileMode(0o600), "chmod 600 "
		if path == w.Paths.Home {
			open, closed, fix = 0o705, 0o700, "chmod 700 "
		}
		change := func(mode os.FileMode) {
			t.Helper()
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
		change(open)
		expect(t, path, modes(t.Context(), w), "warning "+fix+path)
		change(closed)
	}
	if err := os.Chmod(w.Paths.Home, 0o777); err != nil { // others could write there
		t.Fatal(err)
	}
	expect(t, "open to all", modes(t.Context(), w), "problem who could store credentials", "warning chmod 700")
	w.GOOS = "windows"
	expect(t, "Windows", modes(t.Context(), w), "problem who could store credentials", "skipped ")
}

func TestEnvironment(t *testing.T) {
	for _, c := range []struct {
		env  string
		want []string
	}{
		{"", []string{"ok "}},
		{"AWS_ACCESS_KEY_ID=x", []string{"warning AWS_ACCESS_KEY_ID is set"}},
		{"AWS_ACCESS_KEY_ID=x O365AWS_PROFILE=work", []string{"ok "}}, // within o365aws exec
		{"AWS_PROFILE=default", []string{"ok "}},
		{"AWS_PROFILE=work", []string{"ok "}},
		{"AWS_PROFILE=keys", []string{"ok "}},
		{"AWS_PROFILE=work AWS_DEFAULT_PROFILE=keys", []string{"warning unset AWS_DEFAULT_PROFILE"}},
		{"AWS_PROFILE=work AWS_DEFAULT_PROFILE=work", []string{"ok "}},
		{"AWS_PROFILE=wrok", []string{"problem wrok, which is in neither file"}},
		{"AZURE_TENANT_ID=x azure_default_role_arn=y", []string{"warning AZURE_TENANT_ID", "warning azure_default_role_arn"}},
		{"AWS_REGION=x O365AWS_BROWSER=system", []string{"ok "}},
	} {
		w := onDisk(t, "[profile work]\nregion = x\n", "[keys]\nregion = x\n")
		w.Env = func(name string) string {
			i := slices.IndexFunc(strings.Fields(c.env), func(s string) bool { return strings.HasPrefix(s, name+"=") })
			if i < 0 {
				return ""
			}
			return strings.Fields(c.env)[i][len(name)+1:]
		}
		expect(t, c.env, environment(t.Context(), w), c.want...)
		if w.Unread = errors.New("unclosed section"); strings.Contains(c.env, "wrok") {
			expect(t, "with a config file that cannot be read", environment(t.Context(), w), "ok ")
		}
	}
}
