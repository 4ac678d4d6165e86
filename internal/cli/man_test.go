package cli

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/testenv"
)

// overstruck matches the first half of a bold (overstruck) character.
var overstruck = regexp.MustCompile(`.\x08`)

// mandoc accepts every page. Every command has a page that ends with the exit codes.
func TestManPages(t *testing.T) {
	testenv.Needs(t, "mandoc")
	mandoc, err := exec.LookPath("mandoc")
	if err != nil {
		t.Fatalf("%v: scripts/ensure-shells.sh installs it", err)
	}
	s := testInvocation(System())
	pages := manPages(s.app(), s.commands())
	for name, text := range pages {
		cmd := exec.Command(mandoc, "-T", "lint", "-W", "error")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		var shown bytes.Buffer
		cmd = exec.Command(mandoc, "-T", "ascii")
		cmd.Stdin, cmd.Stdout = strings.NewReader(text), &shown
		if err := cmd.Run(); err != nil || !strings.Contains(overstruck.ReplaceAllString(shown.String(), ""), "130") {
			t.Errorf("%s: no exit codes: %v", name, err)
		}
	}
	if _, ok := pages["o365aws-configure-import-saml2aws"]; !ok {
		t.Error("no page for subcommands")
	}
}

// Every description ends with an example of its command.
func TestHelpEndsWithAnExample(t *testing.T) {
	var look func(above string, commands []*cli.Command)
	look = func(above string, commands []*cli.Command) {
		for _, c := range commands {
			if c.Hidden {
				continue
			}
			name := above + " " + c.Name
			_, example := cutExample(c.Description)
			if !strings.Contains(example, name) {
				t.Errorf("%s: got example %q, want one of this command", name, example)
			}
			look(name, c.Subcommands)
		}
	}
	look("o365aws", testInvocation(System()).commands())
}
