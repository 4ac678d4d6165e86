package warm_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/warm"
)

// The prompt is answered from the cache alone; what needs care is left to the
// slow way.
func TestPrompt(t *testing.T) {
	folder := t.TempDir()
	state := filepath.Join(folder, ".aws", "o365aws")
	config := filepath.Join(folder, ".aws", "config")
	now := time.Now()
	put := func(arn string, left time.Duration) {
		t.Helper()
		if err := cache.In(state).Put(cache.Entry{
			Profile: "dev", Config: config, RoleARN: arn, AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: secret.New("s"),
			SessionToken: secret.New("t"), Obtained: now, Expires: now.Add(left),
		}); err != nil {
			t.Fatal(err)
		}
	}
	names := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(state, "accounts.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	prompt := func(args ...string) (string, int, bool) {
		return warm.Prompt(append([]string{"o365aws"}, args...), func(string) string { return "" }, func() (string, error) { return folder, nil }, now)
	}
	check := func(what, wantText string, wantCode int, wantOK bool, args ...string) {
		t.Helper()
		if text, code, ok := prompt(args...); text != wantText || code != wantCode || ok != wantOK {
			t.Errorf("%s: %q %d %v", what, text, code, ok)
		}
	}
	check("nothing cached", "", warm.Unsatisfied, true, "status", "--prompt", "-p", "dev")
	check("a long name", "", 0, false, "status", "--prompt", "-p", strings.Repeat("x", 33))
	check("a name that is no plain text", "", 0, false, "status", "--prompt", "-p", "\x1b[31m")
	check("another command", "", 0, false, "login", "--prompt", "-p", "dev")
	credentials := filepath.Join(folder, ".aws", "credentials")
	if err := os.MkdirAll(filepath.Dir(credentials), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(credentials, []byte("[dev]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	check("keys of another tool", "", warm.Unsatisfied, false, "status", "--prompt", "-p", "dev")
	put("arn:aws:iam::111122223333:role/team/azure.reader", 105*time.Minute+30*time.Second)
	check("fresh", "dev azure.reader@111122223333 1h45m\n", 0, true, "status", "--prompt", "-p", "dev")
	check("flag first", "dev azure.reader@111122223333 1h45m\n", 0, true, "status", "--profile=dev", "--prompt")
	check("more flags", "", 0, false, "status", "--prompt", "-p", "dev", "-o", "json")
	check("no prompt", "", 0, false, "status", "-p", "dev")
	names("{\n  \"111122223333\" : \"prod\"\n}\n")
	check("named", "dev azure.reader@prod 1h45m\n", 0, true, "status", "--prompt", "-p", "dev")
	names(`{"111122223333":"pr\u006fd"}`)
	check("an escape", "", 0, false, "status", "--prompt", "-p", "dev")
	names(`{"444455556666":"other"}`)
	put("arn:aws:iam::111122223333:role/x", 2*time.Hour)
	check("whole hours", "dev x@111122223333 2h\n", 0, true, "status", "--prompt", "-p", "dev")
	put("arn:aws:iam::111122223333:role/x", 20*time.Second)
	check("seconds", "dev x@111122223333 0m\n", 0, true, "status", "--prompt", "-p", "dev")
	put("arn:aws:iam::111122223333:role/x", time.Hour)
	names(`{"111122223333":"` + strings.Repeat("x", 33) + `"}`)
	check("a long name of an account", "", 0, false, "status", "--prompt", "-p", "dev")
	names("{}")
	put("no role", time.Hour)
	check("no role", "", 0, false, "status", "--prompt", "-p", "dev")
	put("arn:aws:iam::111122223333:role/x", 0)
	check("just run out", "", 0, false, "status", "--prompt", "-p", "dev")
	put("arn:aws:iam::111122223333:role/x", -time.Minute)
	check("run out", "", 0, false, "status", "--prompt", "-p", "dev")
}
