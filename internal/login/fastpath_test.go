package login

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fastpath"
)

// A warm call looks at the variables that the table of settings names for
// the settings that identify the credentials, and at no others.
func TestOverridingVariables(t *testing.T) {
	var want []string
	for _, s := range awsconfig.Settings {
		if slices.Contains(identitySettings, s.Key) {
			want = append(want, s.Env...)
		}
	}
	got := slices.Clone(fastpath.Overriding)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("warm looks at %v, the table says %v", got, want)
	}
}

// Every variable by which a profile yields other credentials counts as one. Of
// regions, only those of another partition do, which warm knows by their names.
func TestWhatYieldsOtherCredentials(t *testing.T) {
	home := t.TempDir()
	paths := awsconfig.ResolvePaths(func(string) string { return "" }, home)
	const config = "[default]\nazure_tenant_id = contoso.example\nazure_default_username = ada@contoso.example\nregion = eu-central-1\nendpoint_url = https://sts.example\n"
	if err := os.Mkdir(filepath.Dir(paths.Config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(paths.Config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	env := Env{Paths: paths, Now: time.Now}
	with := func(variable, value string) (resolved, error) {
		getenv := func(name string) string { return map[string]string{variable: value}[name] }
		p, err := awsconfig.Load(paths, getenv, "default", nil)
		if err != nil {
			return resolved{}, err
		}
		return resolve(env, Request{Profile: p}, forLogin)
	}
	plain, err := with("", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range awsconfig.Settings {
		for _, variable := range s.Env {
			for _, value := range []string{"other", "true", "usgov", "https://other.example"} {
				w, err := with(variable, value)
				if err == nil && w.settings != plain.settings && !slices.Contains(fastpath.Overriding, variable) {
					t.Errorf("%s=%s yields other credentials, and is in no list", variable, value)
				}
			}
		}
	}
}
