package doctor

import (
	"context"
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/fault"
)

// ready are the profiles that could be read; with none, the default one stands
// for those that are still to be made.
func (w World) ready() []awsconfig.Profile {
	var list []awsconfig.Profile
	for _, l := range w.Profiles {
		if l.Err == nil {
			list = append(list, l.Profile)
		}
	}
	if len(list) == 0 {
		list = append(list, w.Default)
	}
	return list
}

// browserStarts starts each browser that profiles name, as a login would.
func browserStarts(ctx context.Context, w World) []Finding {
	var found []Finding
	seen := map[string]bool{}
	for _, p := range w.ready() {
		if p.Browser == "system" {
			continue
		}
		if key := p.BrowserPath + "\n" + strings.Join(p.BrowserArgs, " "); !seen[key] {
			seen[key] = true
			found = append(found, oneBrowser(ctx, w, p))
		}
	}
	if len(found) == 0 {
		found = append(found, skip("profiles sign in in your own browser"))
	}
	return found
}

func oneBrowser(ctx context.Context, w World, p awsconfig.Profile) Finding {
	path, err := browser.Find(p.BrowserPath, false, w.Env)
	if err != nil {
		return failed(err)
	}
	name := path + versionOf(ctx, w.GOOS, path)
	began := w.Now()
	b, err := browser.Launch(
		ctx,
		browser.Options{Path: path, Args: p.BrowserArgs, StateDir: w.Paths.Browsers(), Environ: w.Environ, Log: w.Log},
	)
	if err != nil {
		f := failed(err)
		f.Detail = name + " " + strings.TrimRight(strings.TrimPrefix(f.Detail, path+" "), ": ")
		return f
	}
	took := w.Now().Sub(began).Round(10 * time.Millisecond)
	if err := b.Close(); err != nil {
		return warn(name+" starts, but does not end cleanly: "+err.Error(), "update the browser")
	}
	for _, arg := range p.BrowserArgs {
		if strings.TrimLeft(arg, "-") == "no-sandbox" {
			return warn(
				name+" starts in "+took.String()+", without its sandbox",
				"leave --no-sandbox out where the browser starts with its sandbox on",
			)
		}
	}
	return ok(name + " starts in " + took.String() + ", in its sandbox")
}

var versionNumber = regexp.MustCompile(`[0-9]+(\.[0-9]+)+`)

// versionOf asks a browser for its version; on Windows that opens a window.
func versionOf(ctx context.Context, goos, path string) string {
	if goos == "windows" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "--version").Output() // the browser that a login would run
	if err != nil {
		return ""
	}
	if number := versionNumber.FindString(string(out)); number != "" {
		return " " + number
	}
	return ""
}

// secrets tries each kind of store that profiles use.
func secrets(ctx context.Context, w World) []Finding {
	var found []Finding
	seen := map[string]bool{}
	for _, p := range w.ready() {
		if seen[p.Store] {
			continue
		}
		seen[p.Store] = true
		if p.Store == "none" {
			found = append(found, ok("the store is none: nothing is kept, and each sign-in asks"))
			continue
		}
		began := w.Now()
		err := w.TryStore(ctx, p)
		switch took := w.Now().Sub(began).Round(time.Millisecond); {
		case err != nil && errors.Is(err, context.DeadlineExceeded):
			found = append(
				found,
				warn(
					"the "+p.Store+" does not answer, so sessions are not kept",
					"unlock it, or set o365aws_store = file (encrypted under a passphrase) or none",
				),
			)
		case err != nil:
			f := failed(err)
			f.Status, f.Detail = Warn, "the "+p.Store+" cannot be used, so sessions are not kept: "+f.Detail
			f.Mend = append(
				f.Mend,
				"o365aws_store = file keeps sessions in a file that is encrypted under a passphrase; none keeps nothing",
			)
			found = append(found, f)
		default:
			found = append(found, ok("the "+p.Store+" keeps, gives back and forgets a secret, in "+took.String()))
		}
	}
	return found
}

// failed turns an error into a finding, with its hints.
func failed(err error) Finding {
	f := Finding{Status: Fail, Detail: strings.ReplaceAll(err.Error(), "\n", " ")}
	var known *fault.Error
	if errors.As(err, &known) {
		f.Mend = append(f.Mend, known.Hints...)
	}
	return f
}
