package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
)

// No run, whether it succeeds, is refused, or turns a key round, lets a secret
// out: not in its events, its report, its errors, nor into a file.
func TestNoSecretGetsOut(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	var said strings.Builder
	run := func() {
		r := l.Runner()
		r.Progress = func(e engine.Event) { fmt.Fprintf(&said, "%+v %#v\n", e, e.Result.Finding) }
		report, err := r.Apply(context.Background(), engine.Report{})
		document, jsonErr := json.Marshal(report.Document())
		if err != nil || jsonErr != nil {
			t.Fatal(err, jsonErr)
		}
		fmt.Fprintf(&said, "%s %+v %v %+v\n", document, report, report.Err(), r.World)
	}
	run()
	if err := RotateKeys(context.Background(), l.Runner().World, &Clients{}, func(s string) { said.WriteString(s) }); err != nil {
		t.Fatal(err)
	}
	l.Keys.Broken = errors.New("the import does not work")
	err := RotateKeys(context.Background(), l.Runner().World, &Clients{}, func(s string) { said.WriteString(s) })
	fmt.Fprintf(&said, "%v %+v %v", err, err, engine.HintsOf(err))
	l.Keys.Broken = nil
	run()
	if len(l.Keys.Taken) != 3 {
		t.Fatalf("%d keys were made", len(l.Keys.Taken))
	}
	if err := filepath.WalkDir(l.Dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		said.Write(data)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, key := range l.Keys.Taken {
		if secret := key.Secret.Reveal(); len(secret) < 20 || strings.Contains(said.String(), secret) {
			t.Errorf("the secret of %s got out (%d characters)", key.ID, len(secret))
		}
	}
}
