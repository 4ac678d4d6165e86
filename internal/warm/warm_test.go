package warm_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/warm"
)

// A warm call answers exactly when the slow way would give the same
// credentials, and leaves everything else to it.
func TestAnswer(t *testing.T) {
	folder := t.TempDir()
	config := filepath.Join(folder, ".aws", "config")
	if err := os.MkdirAll(filepath.Dir(config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte("[profile dev]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	entry := cache.Entry{
		Profile: "dev", Config: config, Stamp: cache.StampOf(config), RoleARN: "arn:aws:iam::111122223333:role/x", AccessKeyID: "ASIAEXAMPLE",
		SecretAccessKey: secret.New("s"), SessionToken: secret.New("t"), Obtained: now, Expires: now.Add(time.Hour),
	}
	put := func(e cache.Entry) {
		t.Helper()
		if err := cache.In(filepath.Join(folder, ".aws", "o365aws")).Put(e); err != nil {
			t.Fatal(err)
		}
	}
	put(entry)
	answer := func(env map[string]string, now time.Time, args ...string) (string, bool) {
		document, ok := warm.Answer(append([]string{"o365aws"}, args...), func(name string) string { return env[name] }, func() (string, error) { return folder, nil }, now)
		return string(document), ok
	}
	want := `{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"s","SessionToken":"t","Expiration":"` + entry.Expires.UTC().Format(time.RFC3339) + `"}` + "\n"
	for _, args := range [][]string{{"--profile", "dev"}, {"--profile=dev"}, {"-p", "dev"}, {"-p=dev"}, {"--profile", "x", "--profile", "dev"}} {
		if got, ok := answer(nil, now, append([]string{warm.Command}, args...)...); !ok || got != want {
			t.Errorf("%v: %q %v", args, got, ok)
		}
	}
	for _, variable := range []string{"AWS_PROFILE", "O365AWS_PROFILE"} {
		if _, ok := answer(map[string]string{variable: "dev", "AWS_REGION": "eu-west-1"}, now, warm.Command); !ok {
			t.Errorf("%s was not read", variable)
		}
	}
	for _, args := range [][]string{
		{},
		{"login"},
		{warm.Command},
		{warm.Command, "--profile", "prod"},
		{warm.Command, "--profile"},
		{warm.Command, "dev"},
		{warm.Command, "--profile", "dev", "--debug"},
		{warm.Command, "--profile", "dev", "left"},
		{"--profile", "dev", warm.Command},
	} {
		if _, ok := answer(nil, now, args...); ok {
			t.Errorf("%v was answered", args)
		}
	}
	for _, variable := range append([]string{"AWS_CONFIG_FILE", "O365AWS_HOME"}, warm.Overriding...) {
		if _, ok := answer(map[string]string{variable: "/x"}, now, warm.Command, "--profile", "dev"); ok {
			t.Errorf("%s did not count", variable)
		}
	}
	if _, ok := answer(map[string]string{"AWS_REGION": "cn-north-1"}, now, warm.Command, "--profile", "dev"); ok {
		t.Error("another partition did not count")
	}
	for name, at := range map[string]time.Time{"15 minutes left": entry.Expires.Add(-15 * time.Minute), "over": entry.Expires, "clock set back": now.Add(-time.Hour)} {
		if _, ok := answer(nil, at, warm.Command, "--profile", "dev"); ok {
			t.Errorf("%s: answered", name)
		}
	}
	overridden := entry
	overridden.Stamp = cache.Stamp{} // got while a variable overrode the file
	put(overridden)
	if _, ok := answer(nil, now, warm.Command, "--profile", "dev"); ok {
		t.Error("credentials of an overridden profile were given out")
	}
	put(entry)
	if err := os.WriteFile(config, []byte("[profile dev]\nazure_tenant_id = other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := answer(nil, now, warm.Command, "--profile", "dev"); ok {
		t.Error("a change of the config file did not count")
	}
}
