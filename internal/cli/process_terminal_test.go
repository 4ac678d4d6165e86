//go:build linux

package cli_test

import (
	"strings"
	"testing"
)

// A profile may let a program's call ask, on the controlling terminal; any
// other asks nobody, whoever sits there.
func TestProcessAsksOnTheTerminal(t *testing.T) {
	const role = "azure_default_role_arn = arn:aws:iam::111122223333:role/azure.reader\n"
	cloud := startedCloud(t, "")
	silent := inRoom(t, cloud, "ada@contoso.example", room{home: t.TempDir(), settings: role}, "credential-process")
	if code := silent.exit(); code != 3 || strings.Contains(silent.screen(), "Password") {
		t.Errorf("exit code %d:\n%s", code, silent.screen())
	}

	home := t.TempDir()
	p := inRoom(t, cloud, "ada@contoso.example", room{home: home, settings: role + "o365aws_process = terminal\n"}, "credential-process")
	p.enterPassword()
	p.waitFor("Tap this number")
	if code := p.exit(); code != 0 || !strings.Contains(p.screen(), `{"Version":1,"AccessKeyId":"ASIA`) {
		t.Errorf("exit code %d:\n%s", code, p.screen())
	}
	again := inRoom(t, cloud, "ada@contoso.example", room{home: home, settings: role + "o365aws_process = terminal\n"}, "credential-process")
	if code := again.exit(); code != 0 || strings.Contains(again.screen(), "Password") || cloud.Rung() != 1 {
		t.Errorf("exit code %d, %d pushes:\n%s", code, cloud.Rung(), again.screen())
	}
}
