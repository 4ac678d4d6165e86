//go:build unix

package cli_test

import (
	"strings"
	"testing"
	"time"
)

// A slow sign-in shows its steps on one line, which is erased before other output. A dumb
// terminal gets plain lines; redirected messages contain no steps.
func TestProgressOfLogin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env   []string
		shell string
		want  []string
	}{
		"terminal": {
			want: []string{"\r\x1b[K", "Signing in to Microsoft... (0:0", "Requesting credentials from AWS STS... (0:0"},
		},
		"dumb terminal": {
			env:  []string{"TERM=dumb"},
			want: []string{"\nSigning in to Microsoft...\r\n", "Requesting credentials from AWS STS...\r\n"},
		},
		"redirected": {shell: "o365aws login 2>messages"},
	} {
		t.Run(name, func(t *testing.T) {
			parallelOnCPU(t)
			cloud := startedCloud(t, "")
			cloud.Slow(time.Second)
			args := []string{"login"}
			if c.shell != "" {
				args = []string{c.shell}
			}
			env := append(c.env, "O365AWS_ROLE=111122223333/azure.reader")
			p := inRoom(t, cloud, "linus@contoso.example", room{home: t.TempDir(), env: env, shell: c.shell != ""}, args...)
			p.enterPassword()
			if code := p.exit(); code != 0 {
				t.Fatalf("exit code %d:\n%s", code, p.screen())
			}
			for _, text := range c.want {
				if !strings.Contains(p.screen(), text) {
					t.Errorf("got no %q in\n%q", text, p.screen())
				}
			}
			if c.want == nil && strings.Contains(p.screen(), "...") {
				t.Errorf("got progress without a terminal for messages:\n%q", p.screen())
			}
			if at := strings.Index(p.screen(), "Signed in as"); name == "terminal" &&
				(at < 0 || !strings.HasSuffix(p.screen()[:at], "\r\x1b[K")) {
				t.Errorf("the line was not erased before the result:\n%q", p.screen())
			}
		})
	}
}
