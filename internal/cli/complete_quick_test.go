package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/completion"
	"github.com/o365aws/o365aws/internal/warm"
)

// What is completed before the program has started is what the program
// completes, whatever its files hold; only what needs care may be left to it.
func TestQuickCompletionIsTheSlowOne(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	lines := [][]string{
		{"--profile", ""},
		{"exec", "-p", "w"},
		{"login", "--profile="},
		{"login", "--role", ""},
		{"exec", "--role=1"},
		{"env", "-p", "work", "--role", "ad"},
		{"-p", "two", "whoami", "--role", ""},
		{"env", "--shell", ""},
		{"login", "--output", "j"},
		{"admin", "assign", "--role", ""},
		{"help", ""},
		{"lo"},
		{"--new", "console", "--service"},
		{"configure", "import", ""},
		{"login", "--save-diagnostics", ""},
		{"--new", "--region"},
		{"nothing", ""},
	}
	quick, slow := 0, 0
	for range 60 {
		home, env := furnished(t, random)
		for _, line := range lines {
			args := append([]string{"o365aws", completion.Name}, line...)
			userHome := func() (string, error) { return home, nil }
			text, ok := warm.Complete(args, func(name string) string { return env[name] }, userHome)
			if !ok {
				slow++
				continue
			}
			quick++
			var stdout bytes.Buffer
			s := &session{Env: Env{Stdout: &stdout, UserHome: userHome, Getenv: func(name string) string { return env[name] }}}
			if err := s.complete(line); err != nil || stdout.String() != text {
				t.Fatalf("%q: %q, the slow way %q, %v\nin %s", line, text, stdout.String(), err, home)
			}
		}
	}
	if quick < slow {
		t.Errorf("%d quick answers only, %d were left to the slow way", quick, slow)
	}
}

// furnished makes a home with files of whatever may be in them.
func furnished(t *testing.T, random *rand.Rand) (home string, env map[string]string) {
	t.Helper()
	home, env = t.TempDir(), map[string]string{}
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	arn := func() string {
		return pick("arn:aws:iam::111122223333:role/azure.reader", "arn:aws:iam::444455556666:role/a/admin", "arn:aws-cn:iam::777788889999:role/x", "arn:aws:iam::1:role/x", "", "<&>", "é\u009b")
	}
	write := func(name, text string) {
		if random.IntN(8) == 0 {
			return
		}
		path := filepath.Join(home, ".aws", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	asJSON := func(v any) string {
		if random.IntN(20) == 0 {
			return pick("", "{", "null", "[]", `{"work":null}`, `{"111122223333":1}`)
		}
		data, err := json.MarshalIndent(v, "", pick("", "  "))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	var config strings.Builder
	config.WriteString(pick("", "\xef\xbb\xbf", "# profiles\n", "stray\n"))
	for range random.IntN(6) {
		fmt.Fprintf(&config, "%s%s", pick("[default]", "[profile work]", "[ profile  two ]", "[services x]", "[profile é]", "[profile", "[]", "  [profile in]"), pick("\n", "\r\n", " # note\n"))
		fmt.Fprintf(&config, "%s%s%s\n", pick("azure_default_role_arn = ", "AZURE_default_role_arn=", "region = ", "s3 =\n  a = "), arn(), pick("", "\r", strings.Repeat("x", 130)))
	}
	roles, accounts := map[string][]string{}, map[string]string{}
	for range random.IntN(4) {
		name := pick("default", "work", "two", "é")
		for range random.IntN(4) {
			roles[name] = append(roles[name], arn())
		}
		accounts[pick("111122223333", "444455556666", "777788889999")] = pick("prod", "a b", "", "é", `q"\`, strings.Repeat("n", 121))
	}
	write("config", config.String())
	write("o365aws/cache/roles.json", asJSON(roles))
	write("o365aws/accounts.json", asJSON(accounts))
	if random.IntN(3) == 0 {
		env[pick("AWS_PROFILE", "O365AWS_PROFILE")] = pick("work", "two", "none")
	}
	return home, env
}
