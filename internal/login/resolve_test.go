package login

import (
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/identity"
	"github.com/o365aws/o365aws/internal/secret"
)

const adminRole = "arn:aws:iam::111122223333:role/azure.admin"

// at is the current time in most tests.
var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// envAt returns a non-interactive Env with its own home.
func envAt(t *testing.T, now *time.Time) Env {
	t.Helper()
	empty := func(string) string { return "" }
	return Env{
		Paths: awsconfig.ResolvePaths(empty, t.TempDir()), Getenv: empty, Prompter: nonInteractive{},
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return *now }, Random: rand.Reader,
	}
}

// resolvedAt returns a resolved request for a profile, with the settings digest "s".
func resolvedAt(env Env, p awsconfig.Profile) resolved {
	return resolved{
		Request: Request{Profile: p, MinTTL: 15 * time.Minute, began: at}, env: env, settings: "s",
		identity: env.identities().Of(p, identity.Unattended), state: awsconfig.LoadState(env.Paths),
	}
}

// keysOf returns credentials with the given access key ID and expiration.
func keysOf(id string, expires time.Time) awscreds.Credentials {
	return awscreds.Credentials{
		AccessKeyID: id, SecretAccessKey: secret.New("s"), SessionToken: secret.New("t"), Expires: expires,
	}
}

// The digest depends on exactly those settings that identify the credentials of a
// profile.
func TestResolveSettings(t *testing.T) {
	now := at
	env := envAt(t, &now)
	base := awsconfig.Profile{
		Name: "dev", Cloud: "global", TenantID: "contoso.example", Username: "ada@contoso.example",
		AppIDURI: "app", RoleARN: adminRole, Region: "eu-central-1",
	}
	request := func(t *testing.T, change func(*awsconfig.Profile)) resolved {
		t.Helper()
		p := base
		change(&p)
		r, err := resolve(env, Request{Profile: p, Role: "reader"}, forProgram)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := request(t, func(*awsconfig.Profile) {})
	for name, c := range map[string]struct {
		change             func(*awsconfig.Profile)
		settings, identity bool // whether they differ
	}{
		"cloud":              {func(p *awsconfig.Profile) { p.Cloud = "china" }, true, true},
		"tenant":             {func(p *awsconfig.Profile) { p.TenantID = "fabrikam.example" }, true, true},
		"tenant in capitals": {func(p *awsconfig.Profile) { p.TenantID = "CONTOSO.example" }, true, false},
		"user":               {func(p *awsconfig.Profile) { p.Username = "eve@contoso.example" }, true, true},
		"application":        {func(p *awsconfig.Profile) { p.AppIDURI = "app#2" }, true, false},
		"role":               {func(p *awsconfig.Profile) { p.RoleARN += "2" }, true, false},
		"endpoint":           {func(p *awsconfig.Profile) { p.STSEndpoint = "https://sts.example" }, true, false},
		"partition":          {func(p *awsconfig.Profile) { p.Region = "cn-north-1" }, true, false},
		"region":             {func(p *awsconfig.Profile) { p.Region = "us-west-2" }, false, false},
		"browser":            {func(p *awsconfig.Profile) { p.Browser = "visible" }, false, false},
		"name":               {func(p *awsconfig.Profile) { p.Name = "prod" }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, c.change)
			if got := r.settings != first.settings; got != c.settings {
				t.Errorf("other settings: got %v, want %v", got, c.settings)
			}
			if got := r.identity.Key() != first.identity.Key(); got != c.identity {
				t.Errorf("other identity: got %v, want %v", got, c.identity)
			}
		})
	}
}

// A requested role has a separate cache slot, except for a login.
func TestResolveSlot(t *testing.T) {
	now := at
	env := envAt(t, &now)
	p := awsconfig.Profile{Name: "dev", Cloud: "global"}
	for use, want := range map[purpose]string{forProgram: "reader", forLogin: ""} {
		r, err := resolve(env, Request{Profile: p, Role: "reader"}, use)
		if err != nil || r.slot != want || !r.began.Equal(at) {
			t.Errorf("use %v: got slot %q, began %v, error %v, want slot %q, began %v", use, r.slot, r.began, err, want, at)
		}
	}
	if _, err := resolve(env, Request{Profile: awsconfig.Profile{Cloud: "moon"}}, forLogin); err == nil {
		t.Error("an unknown cloud: got no error")
	}
}

// Credentials of a profile with settings from the environment or the command line carry
// no stamp.
func TestOverridden(t *testing.T) {
	for source, want := range map[string]bool{
		"the command line": true, "environment variable X": true, "[dev] in x": false, "default": false, "": false,
	} {
		for _, key := range identitySettings {
			if got := overridden(awsconfig.Profile{Source: map[string]string{key: source}}); got != want {
				t.Errorf("%s from %q: got %v, want %v", key, source, got, want)
			}
		}
		if overridden(awsconfig.Profile{Source: map[string]string{"o365aws_browser": source}}) {
			t.Errorf("o365aws_browser from %q: got true, want false", source)
		}
	}
}

// Only a profile without overridden settings gets the stamp of the config file.
func TestResolveStamp(t *testing.T) {
	now := at
	env := envAt(t, &now)
	writeConfig(t, env, "[profile dev]\n")
	p := awsconfig.Profile{Name: "dev", Cloud: "global", Source: map[string]string{}}
	for source, want := range map[string]cache.Stamp{
		"[profile dev]": cache.StampOf(env.Paths.Config), "environment variable X": {},
	} {
		p.Source["azure_tenant_id"] = source
		if r, err := resolve(env, Request{Profile: p}, forProgram); err != nil || r.stamp != want {
			t.Errorf("%s: got %+v, %v, want %+v", source, r.stamp, err, want)
		}
	}
}

// A config file has one name in the cache, however its path is written.
func TestConfigPath(t *testing.T) {
	now := at
	env := envAt(t, &now)
	want := env.Paths.Config
	if err := os.MkdirAll(filepath.Dir(want), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(want, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want = env.config()
	folder := filepath.Dir(filepath.Dir(want))
	link := filepath.Join(folder, "link")
	paths := []string{filepath.Join(".aws", "config"), folder + "/./.aws/../.aws/config"}
	if os.Symlink(filepath.Dir(want), link) == nil { // Windows may refuse it
		paths = append(paths, filepath.Join(link, "config"))
	}
	t.Chdir(folder)
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			env.Paths.Config = path
			if got := env.config(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}
