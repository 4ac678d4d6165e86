package doctor

import (
	"cmp"
	"context"
	"errors"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/keychain"
	"github.com/o365aws/o365aws/internal/subprocess"
)

// ready returns the valid profiles or, if there are none, the default settings.
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

// browserStarts starts each browser of the profiles, as a login would.
func browserStarts(ctx context.Context, w World) []Finding {
	var found []Finding
	seen := map[string]bool{}
	for _, p := range w.ready() {
		if p.Browser == "system" || p.Browser == "none" {
			continue
		}
		if key := p.Browser + "\n" + p.BrowserPath + "\n" + strings.Join(p.BrowserArgs, " "); !seen[key] {
			seen[key] = true
			found = append(found, oneBrowser(ctx, w, p))
		}
	}
	if len(found) == 0 {
		found = append(found, skip("all profiles use your own browser, or none"))
	}
	return found
}

// signsIn describes how login signs in with an installed browser.
func signsIn(p awsconfig.Profile) string {
	why := " (o365aws_browser = " + cmp.Or(p.Browser, "headless") + ", " +
		cmp.Or(p.Source["o365aws_browser"], "default") + ")"
	switch {
	case p.Device == "required":
		return "; login uses the identity broker of this device (o365aws_device = required)"
	case p.Browser == "none":
		return "; login signs in over HTTP, and in this browser if a page needs one" + why
	case p.Browser == "visible":
		return "; login opens a window" + why
	}
	return "; login opens no window" + why
}

func oneBrowser(ctx context.Context, w World, p awsconfig.Profile) Finding {
	path, err := browser.Find(p.BrowserPath, false, w.Env)
	if err != nil && p.BrowserPath == "" && p.Browser != "visible" {
		f := failed(err)
		f.Status, f.Detail = Warn, "no browser found: login signs in over HTTP; pages that need a browser will fail"
		return f
	}
	if err != nil {
		return failed(err)
	}
	name := path + versionOf(ctx, w, path)
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
		return warn(name+" starts but does not exit cleanly: "+err.Error(), "update the browser")
	}
	for _, arg := range p.BrowserArgs {
		if strings.TrimLeft(arg, "-") == "no-sandbox" {
			return warn(
				name+" starts in "+took.String()+", without its sandbox"+signsIn(p),
				"remove --no-sandbox if the browser starts without it",
			)
		}
	}
	return ok(name + " starts in " + took.String() + ", sandboxed" + signsIn(p))
}

var versionNumber = regexp.MustCompile(`[0-9]+(\.[0-9]+)+`)

// versionOf returns the version of a browser. On Windows, asking for it would open a
// window.
func versionOf(ctx context.Context, w World, path string) string {
	if w.GOOS == "windows" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--version") // the browser that a login would run
	cmd.Env = browser.Scrub(w.Environ)
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	if number := versionNumber.FindString(string(out)); number != "" {
		return " " + number
	}
	return ""
}

// secrets tries each kind of secret store that profiles use.
func secrets(ctx context.Context, w World) []Finding {
	var found []Finding
	seen := map[string]bool{}
	for _, p := range w.ready() {
		kind := w.StoreKind(p)
		if seen[kind] {
			continue
		}
		seen[kind] = true
		store := keychain.Names[kind]
		if kind == "none" {
			found = append(found, ok("no secret store (o365aws_store = none): each sign-in prompts"))
			continue
		}
		began := w.Now()
		err := w.TryStore(ctx, p)
		switch took := w.Now().Sub(began).Round(time.Millisecond); {
		case err != nil && errors.Is(err, context.DeadlineExceeded):
			found = append(found, warn("the "+store+" does not respond, so sessions are not saved",
				"unlock it, or set o365aws_store = file (encrypted with a passphrase) or none"))
		case err != nil:
			f := failed(err)
			f.Status, f.Detail = Warn, "the "+store+" is not usable, so sessions are not saved: "+f.Detail
			f.Fixes = append(
				f.Fixes,
				"set o365aws_store = file to save sessions in an encrypted file, or none to save nothing",
			)
			found = append(found, f)
		default:
			found = append(found, ok("the "+store+" stores, returns and deletes a secret, in "+took.String()))
		}
	}
	return found
}

// commands lists the commands that print secrets, and finds their programs.
func commands(_ context.Context, w World) []Finding {
	var found []Finding
	for _, p := range w.ready() {
		for setting, command := range map[string]string{
			"o365aws_password_command": p.PasswordCommand, "o365aws_totp_command": p.TOTPCommand,
		} {
			if command == "" {
				continue
			}
			args, err := subprocess.Split(command)
			if err == nil {
				_, err = exec.LookPath(args[0])
			}
			where := setting + " (" + p.Source[setting] + ")"
			if err != nil {
				found = append(found, warn(where+": "+err.Error(), "install the program, or correct the setting"))
				continue
			}
			found = append(found, ok(where+" runs "+args[0]+" at a sign-in"))
		}
	}
	slices.SortFunc(found, func(a, b Finding) int { return strings.Compare(a.Detail, b.Detail) })
	return found
}

// failed returns an error and its hints as a finding.
func failed(err error) Finding {
	f := Finding{Status: Fail, Detail: strings.ReplaceAll(err.Error(), "\n", " ")}
	var known *fault.Error
	if errors.As(err, &known) {
		f.Fixes = append(f.Fixes, known.Hints...)
	}
	return f
}
