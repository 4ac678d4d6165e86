package warm_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/slot"
	"github.com/o365aws/o365aws/internal/warm"
)

// machine is a user's folder with a config file and an entry in the cache.
type machine struct {
	folder, config, state string
	now                   time.Time
	entry                 cache.Entry
}

func prepared(t *testing.T) machine {
	t.Helper()
	folder, now := t.TempDir(), time.Now()
	m := machine{folder, filepath.Join(folder, ".aws", "config"), filepath.Join(folder, ".aws", "o365aws"), now, cache.Entry{}}
	if err := os.MkdirAll(filepath.Dir(m.config), 0o700); err != nil {
		t.Fatal(err)
	}
	m.write(t, "[profile dev]\n")
	m.entry = cache.Entry{
		Profile: "dev", Config: m.config, Stamp: cache.StampOf(m.config), RoleARN: "arn:aws:iam::111122223333:role/x", AccessKeyID: "ASIAEXAMPLE",
		SecretAccessKey: secret.New("s"), SessionToken: secret.New("t"), Obtained: now, Expires: now.Add(time.Hour),
	}
	m.put(t, m.entry)
	return m
}

func (m machine) write(t *testing.T, config string) {
	t.Helper()
	if err := os.WriteFile(m.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (m machine) put(t *testing.T, e cache.Entry) {
	t.Helper()
	if err := cache.In(m.state).Put(e); err != nil {
		t.Fatal(err)
	}
}

func (m machine) answer(env map[string]string, now time.Time, args ...string) (string, bool) {
	document, ok := warm.Answer(append([]string{"o365aws"}, args...), func(name string) string { return env[name] }, func() (string, error) { return m.folder, nil }, now)
	return string(document), ok
}

// A warm call answers exactly when the slow way would give the same
// credentials, and leaves everything else to it.
func TestAnswer(t *testing.T) {
	m := prepared(t)
	now, entry, answer := m.now, m.entry, m.answer
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
		{"login", "--profile", "dev"},
		{warm.Command},
		{warm.Command, "--profile", "prod"},
		{warm.Command, "--profile"},
		{warm.Command, "dev"},
		{warm.Command, "profile", "dev"},
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
	for _, variable := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "O365AWS_REGION"} {
		for _, region := range []string{"cn-north-1", "us-gov-west-1"} {
			if _, ok := answer(map[string]string{variable: region}, now, warm.Command, "--profile", "dev"); ok {
				t.Errorf("another partition by %s did not count", variable)
			}
		}
	}
	if _, ok := answer(map[string]string{"AWS_PROFILE": "dev"}, now, warm.Command, "--debug"); ok {
		t.Error("a flag was passed over")
	}
}

// Credentials are given out while they last, and while what they were got by
// is as it was.
func TestFreshness(t *testing.T) {
	m := prepared(t)
	now, entry, answer := m.now, m.entry, m.answer
	for name, at := range map[string]time.Time{
		"15 minutes left": entry.Expires.Add(-15 * time.Minute), "just too short": entry.Expires.Add(-warm.MinTTL), "over": entry.Expires,
		"clock set back": now.Add(-5*time.Minute - time.Second),
	} {
		if _, ok := answer(nil, at, warm.Command, "--profile", "dev"); ok {
			t.Errorf("%s: answered", name)
		}
	}
	for name, at := range map[string]time.Time{"just enough left": entry.Expires.Add(-warm.MinTTL - time.Second), "clock set back a little": now.Add(-5 * time.Minute)} {
		if _, ok := answer(nil, at, warm.Command, "--profile", "dev"); !ok {
			t.Errorf("%s: not answered", name)
		}
	}
	overridden := entry
	overridden.Stamp = cache.Stamp{} // got while a variable overrode the file
	m.put(t, overridden)
	if _, ok := answer(nil, now, warm.Command, "--profile", "dev"); ok {
		t.Error("credentials of an overridden profile were given out")
	}
	m.put(t, entry)
	m.write(t, "[profile dev]\nazure_tenant_id = other\n")
	if _, ok := answer(nil, now, warm.Command, "--profile", "dev"); ok {
		t.Error("a change of the config file did not count")
	}
	if err := os.Remove(m.config); err != nil {
		t.Fatal(err)
	}
	m.put(t, overridden)
	if _, ok := answer(nil, now, warm.Command, "--profile", "dev"); ok {
		t.Error("credentials of an overridden profile were given out without a config file")
	}
}

// A file of the cache is believed for what it was written for alone, and none
// where others may write: nobody gets credentials of another account.
func TestWhoseEntry(t *testing.T) {
	m := prepared(t)
	place := slot.Path(slot.Folder(m.state), m.config, "dev", "")
	given := func() (process, prompt bool) {
		env, userHome := func(string) string { return "" }, func() (string, error) { return m.folder, nil }
		_, process = warm.Answer([]string{"o365aws", warm.Command, "-p", "dev"}, env, userHome, m.now)
		text, _, ok := warm.Prompt([]string{"o365aws", "status", "--prompt", "-p", "dev"}, env, userHome, m.now)
		return process, ok && text != ""
	}
	for name, c := range map[string]struct {
		change          func(*cache.Entry)
		process, prompt bool
	}{
		"its own":                {func(*cache.Entry) {}, true, true},
		"of another profile":     {func(e *cache.Entry) { e.Profile = "prod" }, false, false},
		"of another config file": {func(e *cache.Entry) { e.Config = "/x" }, false, false},
		"of another role":        {func(e *cache.Entry) { e.Asked = "admin" }, false, true}, // of the profile still
	} {
		e := m.entry
		c.change(&e)
		m.put(t, e)
		if from := slot.Path(slot.Folder(m.state), e.Config, e.Profile, e.Asked); from != place {
			if err := os.Rename(from, place); err != nil {
				t.Fatal(err)
			}
		}
		if process, prompt := given(); process != c.process || prompt != c.prompt {
			t.Errorf("%s: credentials %v, prompt %v", name, process, prompt)
		}
	}
	if runtime.GOOS == "windows" {
		return // which has no modes
	}
	m.put(t, m.entry)
	if err := os.Chmod(m.state, 0o777); err != nil { // others may write there
		t.Fatal(err)
	}
	if process, prompt := given(); process || prompt {
		t.Errorf("where others may write: credentials %v, prompt %v", process, prompt)
	}
}
