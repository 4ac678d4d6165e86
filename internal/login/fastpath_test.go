package login

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fastpath"
	"github.com/o365aws/o365aws/internal/saml"
)

// The fast path checks exactly those variables that the settings table lists for settings
// that identify the credentials.
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
		t.Errorf("got variables %v of the fast path, want %v as in the table", got, want)
	}
}

// The fast path and the rest of the program agree on the regions of partition aws.
func TestCommercialRegions(t *testing.T) {
	for _, region := range []string{
		"us-east-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "us-isof-south-1", "eu-central-1", "eu-isoe-west-1",
		"eusc-de-east-1", "ap-south-2", "sa-east-1", "ca-west-1", "me-south-1", "af-south-1", "il-central-1", "mx-central-1",
		"cn-north-1", "nz-north-1", "aws-global", "aws-cn-global", "aws-us-gov-global", "mars",
	} {
		t.Run(region, func(t *testing.T) {
			if got, want := fastpath.Commercial(region), saml.PartitionOf(region).ID == "aws"; got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// Every variable that changes the credentials of a profile counts as overriding. A region
// counts only if it is in another partition, which the fast path recognizes by name.
func TestOverridingVariablesAreComplete(t *testing.T) {
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
					t.Errorf("%s=%s yields other credentials, but is not listed as overriding", variable, value)
				}
			}
		}
	}
}
