package cli

import (
	"flag"
	"os"
	"testing"

	"github.com/o365aws/o365aws/internal/completion"
)

var update = flag.Bool("update", false, "write the files that are made from the commands")

// The kept table of completion is what the commands are.
func TestKeptCommands(t *testing.T) {
	want := completion.Format((&session{}).commandTable())
	const path = "../words/commands.txt"
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Errorf("%s is not what the commands are; make docs writes it", path)
	}
	if !*update && completion.Format(completion.Kept()) != want {
		t.Error("the kept table reads back differently")
	}
}
