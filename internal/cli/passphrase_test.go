//go:build unix

package cli_test

import (
	"strings"
	"testing"
)

// The passphrase of the secret store is entered on the terminal, twice if it is new, and
// never shown. The next login prompts for it instead of the password.
func TestPassphrase(t *testing.T) {
	parallelOnCPU(t)
	const passphrase = "open sesame 漢"
	cloud := startedCloud(t, "")
	user := "linus@contoso.example\no365aws_store = file"
	first := onTerminal(t, cloud, user, "login", "--role", "111122223333/azure.reader")
	first.enterPassword()
	first.waitFor("New passphrase")
	first.types(passphrase + "\r")
	first.waitFor("Repeat passphrase")
	first.types(passphrase + "x\r")
	first.waitFor("do not match")
	first.types(passphrase + "\r")
	first.types(passphrase + "\r")
	if code := first.exit(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, first.screen())
	}
	next := at(t, first.home, cloud, user, "login", "--force", "--role", "111122223333/azure.reader")
	next.waitFor("Passphrase for the secret store")
	next.types(passphrase + "\r")
	if code := next.exit(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, next.screen())
	}
	if strings.Count(next.screen(), "Passphrase for") != 1 || strings.Contains(next.screen(), "not saved") {
		t.Errorf("want one passphrase prompt and a saved session:\n%s", next.screen())
	}
	if strings.Contains(next.screen(), "Password for") || strings.Contains(first.screen()+next.screen(), passphrase) {
		t.Errorf("got a password prompt, or the passphrase on the screen:\n%s\n%s", first.screen(), next.screen())
	}
}
