//go:build unix

package cli_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fakecloud"
)

// If the assertion expires while the user is choosing a role, the program signs in again
// and assumes the chosen role.
func TestSlowChoice(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"login":     {"login"},
		"configure": {"configure", "--email", "linus@contoso.example"},
	} {
		t.Run(name, func(t *testing.T) {
			parallelOnCPU(t)
			var ahead atomic.Int64 // of the emulator's clock; the program's clock may differ by up to five minutes
			ahead.Store(-int64(2*time.Minute + 40*time.Second))
			cloud := startedWith(
				t, fakecloud.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }},
			)
			env := []string{"O365AWS_PASSWORD=" + fakecloud.Password}
			p := inRoom(t, cloud, "linus@contoso.example", room{home: t.TempDir(), env: env}, args...)
			if name == "configure" {
				p.waitFor("Write a profile for each of them?")
				p.types("n\r")
			}
			p.waitFor("type to filter")
			ahead.Store(int64(2*time.Minute + 40*time.Second))
			p.types("4444 reader\r")
			if code := p.exit(); code != 0 {
				t.Fatalf("exit code %d:\n%s", code, p.screen())
			}
			for _, text := range []string{"for five minutes only. Signing in again", "azure.reader in account 444455556666"} {
				if strings.Count(p.screen(), text) != 1 {
					t.Errorf("want %q once:\n%s", text, p.screen())
				}
			}
		})
	}
}
