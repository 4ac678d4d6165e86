package fastpath_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/fastpath"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/securefile"
)

// machine is a user's home with a config file and a cache entry.
type machine struct {
	folder, config, state string
	now                   time.Time
	entry                 cache.Entry
}

func prepared(t *testing.T) machine {
	t.Helper()
	folder, now := securefile.Canonical(t.TempDir()), time.Now()
	m := machine{
		folder, filepath.Join(folder, ".aws", "config"), filepath.Join(folder, ".aws", "o365aws"), now, cache.Entry{},
	}
	if err := os.MkdirAll(filepath.Dir(m.config), 0o700); err != nil {
		t.Fatal(err)
	}
	m.write(t, "[profile dev]\n")
	m.entry = cache.Entry{
		Profile: "dev", Config: m.config, Stamp: cache.StampOf(m.config),
		RoleARN: "arn:aws:iam::111122223333:role/x", Obtained: now,
		Credentials: awscreds.Credentials{
			AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: secret.New("s"),
			SessionToken: secret.New("t"), Expires: now.Add(time.Hour),
		},
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
	document, ok := fastpath.Answer(
		append([]string{"o365aws"}, args...), func(name string) string { return env[name] },
		func() (string, error) { return m.folder, nil }, now,
	)
	return string(document), ok
}

// The fast path answers only if the rest of the program would return the same
// credentials.
func TestAnswer(t *testing.T) {
	m := prepared(t)
	now, entry, answer := m.now, m.entry, m.answer
	want := `{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"s","SessionToken":"t","Expiration":"` + entry.Expires.UTC().
		Format(time.RFC3339) +
		`"}` + "\n"
	for _, args := range [][]string{{"--profile", "dev"}, {"--profile=dev"}, {"-p", "dev"}, {"-p=dev"}, {"--profile", "x", "--profile", "dev"}} {
		if got, ok := answer(nil, now, append([]string{fastpath.Command}, args...)...); !ok || got != want {
			t.Errorf("%v: %q %v", args, got, ok)
		}
	}
	for _, variable := range []string{"AWS_PROFILE", "O365AWS_PROFILE"} {
		if _, ok := answer(map[string]string{variable: "dev", "AWS_REGION": "eu-west-1"}, now, fastpath.Command); !ok {
			t.Errorf("%s was not read", variable)
		}
	}
	for _, args := range [][]string{
		{},
		{"login"},
		{"login", "--profile", "dev"},
		{fastpath.Command},
		{fastpath.Command, "--profile", "prod"},
		{fastpath.Command, "--profile"},
		{fastpath.Command, "dev"},
		{fastpath.Command, "profile", "dev"},
		{fastpath.Command, "--profile", "dev", "--debug"},
		{fastpath.Command, "--profile", "dev", "left"},
		{"--profile", "dev", fastpath.Command},
	} {
		if _, ok := answer(nil, now, args...); ok {
			t.Errorf("%v: got an answer, want none", args)
		}
	}
	for _, variable := range append([]string{"AWS_CONFIG_FILE", "O365AWS_HOME"}, fastpath.Overriding...) {
		if _, ok := answer(map[string]string{variable: "/x"}, now, fastpath.Command, "--profile", "dev"); ok {
			t.Errorf("%s: got an answer, want none", variable)
		}
	}
	for _, variable := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "O365AWS_REGION"} {
		for _, region := range []string{"cn-north-1", "us-gov-west-1"} {
			if _, ok := answer(map[string]string{variable: region}, now, fastpath.Command, "--profile", "dev"); ok {
				t.Errorf("another partition in %s: got an answer, want none", variable)
			}
		}
	}
	if _, ok := answer(map[string]string{"AWS_PROFILE": "dev"}, now, fastpath.Command, "--debug"); ok {
		t.Error("--debug: got an answer, want none")
	}
}

// Credentials are returned until they expire, as long as the config file that they were
// obtained with is unchanged.
func TestFreshness(t *testing.T) {
	m := prepared(t)
	now, entry, answer := m.now, m.entry, m.answer
	for name, at := range map[string]time.Time{
		"15 minutes left": entry.Expires.Add(-15 * time.Minute), "just too short": entry.Expires.Add(-fastpath.MinTTL), "over": entry.Expires,
		"clock set back": now.Add(-5*time.Minute - time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			if _, ok := answer(nil, at, fastpath.Command, "--profile", "dev"); ok {
				t.Errorf("%s: answered", name)
			}
		})
	}
	for name, at := range map[string]time.Time{"just enough left": entry.Expires.Add(-fastpath.MinTTL - time.Second), "clock set back a little": now.Add(-5 * time.Minute)} {
		t.Run(name, func(t *testing.T) {
			if _, ok := answer(nil, at, fastpath.Command, "--profile", "dev"); !ok {
				t.Errorf("%s: not answered", name)
			}
		})
	}
	overridden := entry
	overridden.Stamp = cache.Stamp{} // obtained while a variable overrode the file
	m.put(t, overridden)
	if _, ok := answer(nil, now, fastpath.Command, "--profile", "dev"); ok {
		t.Error("got credentials of an overridden profile")
	}
	m.put(t, entry)
	m.write(t, "[profile dev]\nazure_tenant_id = other\n")
	if _, ok := answer(nil, now, fastpath.Command, "--profile", "dev"); ok {
		t.Error("changed config file: got an answer, want none")
	}
	if err := os.Remove(m.config); err != nil {
		t.Fatal(err)
	}
	m.put(t, overridden)
	if _, ok := answer(nil, now, fastpath.Command, "--profile", "dev"); ok {
		t.Error("got credentials of an overridden profile without a config file")
	}
}

// An agent gets no answer, because the profile may restrict the sessions of agents.
func TestAgents(t *testing.T) {
	m := prepared(t)
	for _, variable := range []string{"CLAUDECODE", "CURSOR_AGENT", "CODEX_SANDBOX", "GEMINI_CLI", "AI_AGENT"} {
		t.Run(variable, func(t *testing.T) {
			if _, ok := m.answer(map[string]string{variable: "1"}, m.now, fastpath.Command, "--profile", "dev"); ok {
				t.Error("got an answer, want none")
			}
		})
	}
	if _, ok := m.answer(nil, m.now, fastpath.Command, "--profile", "dev"); !ok {
		t.Error("without an agent: got no answer")
	}
}

// An entry applies only to its profile, config file and role, and never in a folder that
// other users can write to.
func TestForeignEntries(t *testing.T) {
	m := prepared(t)
	place := fastpath.Path(fastpath.Folder(m.state), m.config, "dev", "")
	for name, c := range map[string]struct {
		change func(*cache.Entry)
		want   bool
	}{
		"same profile":        {func(*cache.Entry) {}, true},
		"another profile":     {func(e *cache.Entry) { e.Profile = "prod" }, false},
		"another config file": {func(e *cache.Entry) { e.Config = "/x" }, false},
		"another role":        {func(e *cache.Entry) { e.Asked = "admin" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := m.entry
			c.change(&e)
			m.put(t, e)
			if from := fastpath.Path(fastpath.Folder(m.state), e.Config, e.Profile, e.Asked); from != place {
				if err := os.Rename(from, place); err != nil {
					t.Fatal(err)
				}
			}
			if _, got := m.answer(nil, m.now, fastpath.Command, "-p", "dev"); got != c.want {
				t.Errorf("answered: got %v, want %v", got, c.want)
			}
		})
	}
	if runtime.GOOS == "windows" {
		return // Windows has no file modes
	}
	m.put(t, m.entry)
	if err := os.Chmod(m.state, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, ok := m.answer(nil, m.now, fastpath.Command, "-p", "dev"); ok {
		t.Error("answered from a folder that other users can write to")
	}
}

// A config file has one entry, however its path is written.
func TestOtherPathsOfTheConfigFile(t *testing.T) {
	m := prepared(t)
	link := filepath.Join(m.folder, "link")
	paths := []string{filepath.Join(".aws", "config"), m.folder + "/./.aws/../.aws/config"}
	if os.Symlink(filepath.Dir(m.config), link) == nil { // Windows may refuse it
		paths = append(paths, filepath.Join(link, "config"))
	}
	t.Chdir(m.folder)
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			env := map[string]string{"AWS_CONFIG_FILE": path, "O365AWS_HOME": m.state}
			if _, ok := m.answer(env, m.now, fastpath.Command, "--profile", "dev"); !ok {
				t.Error("got no credentials, want those of the config file")
			}
		})
	}
}
