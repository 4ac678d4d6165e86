package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/o365aws/o365aws/internal/securefile"
)

// Diagnostics configures where the diagnostics of a sign-in are written.
type Diagnostics struct {
	Dir        string // "" writes none
	Screenshot bool   // also write a screenshot, which shows the user's name
}

// saveDiagnostics writes the trail, the elements of the last page and, if requested, a
// screenshot of it.
func (e Env) saveDiagnostics(ctx context.Context, b signInPage, outcome error) {
	if e.Diagnostics.Dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := os.MkdirAll(e.Diagnostics.Dir, 0o700)
	if err == nil {
		err = e.writeDiagnostics(ctx, b, outcome)
	}
	if err != nil {
		e.Prompter.Notice(fmt.Sprintf("Some of the diagnostics could not be saved: %v", err))
		return
	}
	what := "they contain no secrets or personal data and are safe to share"
	if e.Diagnostics.Screenshot {
		what = "check the screenshot before you share it: it shows the page"
	}
	e.Prompter.Notice(fmt.Sprintf("Diagnostics are in %s; %s.", e.Diagnostics.Dir, what))
}

func (e Env) writeDiagnostics(ctx context.Context, b signInPage, outcome error) error {
	data, err := json.MarshalIndent(e.Trail.Trail(outcome), "", "  ")
	if err != nil {
		return err
	}
	errs := []error{writePrivate(filepath.Join(e.Diagnostics.Dir, "sign-in.json"), append(data, '\n'))}
	skeleton, err := b.Skeleton(ctx)
	if err != nil {
		e.Log.Debug("no elements of the last page", "error", err) // a crashed browser has none
		return errors.Join(errs...)
	}
	errs = append(errs, writePrivate(filepath.Join(e.Diagnostics.Dir, "last-page.txt"), []byte(e.Trail.Skeleton(skeleton)+"\n")))
	if e.Diagnostics.Screenshot {
		picture, err := b.Screenshot(ctx)
		if err == nil {
			err = writePrivate(filepath.Join(e.Diagnostics.Dir, "last-page.png"), picture)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func writePrivate(path string, data []byte) error {
	return securefile.Replace(path, ".diagnostics-*", func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}
