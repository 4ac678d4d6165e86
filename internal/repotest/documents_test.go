package repotest

import (
	"flag"
	"os"
	"testing"

	"github.com/o365aws/o365aws/internal/admin/spec"
)

var update = flag.Bool("update", false, "write the generated documents")

// documents maps each generated document to the function that renders it. make docs
// writes them.
var documents = map[string]func() string{
	"commands.md": commands,
	"live.md":     live,
	"settings.md": settings,
	"sign-in.md":  signIn,

	"troubleshooting.md": troubleshooting,

	"admin-setup.md":      adminSetup,
	"o365aws.schema.json": spec.Schema,
}

// TestDocuments checks that the generated documents are up to date.
func TestDocuments(t *testing.T) {
	for name, text := range documents {
		path := "../../docs/" + name
		if *update {
			if err := os.WriteFile(path, []byte(text()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		} else if string(have) != text() {
			t.Errorf("docs/%s is out of date; run make docs", name)
		}
	}
}
