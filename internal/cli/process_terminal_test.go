//go:build linux

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A profile can allow credential-process to prompt on the controlling terminal. Otherwise
// it never prompts, even if there is a terminal.
func TestProcessPromptsOnTerminal(t *testing.T) {
	parallelOnCPU(t)
	const role = "azure_default_role_arn = arn:aws:iam::111122223333:role/azure.reader\n"
	cloud := startedCloud(t, "")
	silent := inRoom(t, cloud, "ada@contoso.example", room{home: t.TempDir(), settings: role}, "credential-process")
	if code := silent.exit(); code != 3 || strings.Contains(silent.screen(), "Password") {
		t.Errorf("exit code %d:\n%s", code, silent.screen())
	}

	// The calling program captures all three streams. Its timeout is shorter than the
	// user takes, but long enough for the prompt to appear on a loaded machine. It then
	// calls again.
	home := t.TempDir()
	p := inRoom(
		t,
		cloud,
		"ada@contoso.example",
		room{home: home, settings: role + "o365aws_process = terminal\n", shell: true},
		`call() { o365aws credential-process --timeout $2s </dev/null >out$1 2>err$1; code=$?; }
		for limit in 4 8 16 32 64; do call 1 $limit; grep -q 'has not finished' err1 && break; done; echo "call 1: $code"
		for n in 2 3; do call $n 150; echo "call $n: $code"; done`,
	)
	p.waitFor("Password for ")
	p.waitFor("call 1: 3")
	p.types("a wrong one\r")
	p.waitFor("Microsoft rejected that password.")
	p.enterPassword()
	p.waitFor("Tap this number")
	p.waitFor("call 3: 0")
	if code := p.exit(); code != 0 || !strings.Contains(p.screen(), "call 2: 0") || cloud.PhonePrompts() != 1 {
		t.Errorf("exit code %d, %d pushes:\n%s", code, cloud.PhonePrompts(), p.screen())
	}
	read := func(name string) string {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(home, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if out, words := read("out1"), read("err1"); out != "" || strings.Count(words, "\n") != 1 ||
		!strings.Contains(words, "has not finished; complete that sign-in; the next call") {
		t.Errorf("the call that timed out: got %d bytes, %q", len(out), words)
	}
	if out, words := read("out2"), read("err2"); !processOutput.MatchString(out) || words != "" || read("out3") != out {
		t.Errorf("the next call: got %d bytes, %q", len(out), words)
	}
	if strings.Contains(p.screen(), "ASIA") || secretIn(p.screen()) != "" {
		t.Errorf("the terminal shows a secret:\n%s", p.screen())
	}
}
