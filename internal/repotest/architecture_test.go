package repotest

import (
	"os"
	"regexp"
	"testing"
)

// The architecture document quotes the current code of the login function.
func TestArchitectureQuotesTheLoginFunction(t *testing.T) {
	source, err := os.ReadFile("../login/acquire.go")
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("../../docs/dev/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`(?ms)^func acquire\(.*?^}\n`).FindString(string(source))
	quoted := regexp.MustCompile("(?ms)^```go\n(func acquire\\(.*?)^```$").FindStringSubmatch(string(document))
	if want == "" || quoted == nil {
		t.Fatalf("no function acquire in the source (%d bytes) or the document (%q)", len(want), quoted)
	}
	if quoted[1] != want {
		t.Errorf("docs/dev/architecture.md: got\n%s\nwant\n%s", quoted[1], want)
	}
}
