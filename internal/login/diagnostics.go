package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
)

// Diagnostics says where to gather what a sign-in met, to be shown to others.
type Diagnostics struct {
	Dir        string // "" gathers nothing
	Screenshot bool   // a picture as well, which shows the user's name
}

// trail is what is gathered of one sign-in in a browser.
type trail struct {
	Version string        `json:"version"`
	System  string        `json:"system"`
	Began   time.Time     `json:"began"`
	Cloud   string        `json:"cloud"`
	Pages   []entra.Visit `json:"pages"`
	Outcome string        `json:"outcome"` // the kind of the error, "ok" for none
}

func newTrail(e Env, cloud entra.Cloud) *trail {
	t := &trail{
		System: runtime.GOOS + "/" + runtime.GOARCH, Began: e.Now().UTC(), Cloud: cloud.Name,
		Pages: []entra.Visit{},
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		t.Version = info.Main.Version
	}
	return t
}

// save writes the bundle: the pages, the elements of the last one, and a
// picture of it when that was asked for. No text of a page, no address but
// host names, no value of a field is in it.
func (t *trail) save(ctx context.Context, e Env, b *browser.Browser, outcome error) {
	if e.Diagnostics.Dir == "" {
		return
	}
	t.Outcome = "ok"
	if outcome != nil {
		t.Outcome = fault.KindOf(outcome).String()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := os.MkdirAll(e.Diagnostics.Dir, 0o700)
	if err == nil {
		err = t.write(ctx, e, b)
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

func (t *trail) write(ctx context.Context, e Env, b *browser.Browser) error {
	data, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	errs := []error{writePrivate(filepath.Join(e.Diagnostics.Dir, "sign-in.json"), append(data, '\n'))}
	skeleton, err := b.Skeleton(ctx)
	if err != nil {
		e.Log.Debug("no elements of the last page", "error", err) // a browser that died has none
		return errors.Join(errs...)
	}
	errs = append(errs, writePrivate(filepath.Join(e.Diagnostics.Dir, "last-page.txt"), []byte(skeleton+"\n")))
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
