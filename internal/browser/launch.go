package browser

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/coredump"
	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// Options configures the browser that Launch starts.
type Options struct {
	Path          string      // the program; see Find
	Args          []string    // additional command line arguments from the user
	Visible       bool        // show a window
	ProxyURL      string      // http://host:port; "" for none
	ProxyPassword secret.Text // of that proxy; zero for none
	ProxyBypass   string      // hosts that bypass the proxy, in Chromium's notation
	// TrustedSPKI holds the base64 SHA-256 of public keys. A chain that contains
	// one is accepted, so the certificate must not be known to anyone else.
	TrustedSPKI []string
	StateDir    string    // folder of temporary profiles
	Keep        string    // folder of a persistent profile with extensions; "" for a temporary profile
	Environ     []string  // environment to pass on, filtered by Scrub
	Document    *Document // header for the documents of one host; nil for none
	// Certificates prevents a headless browser from presenting a client certificate. The
	// zero value leaves the choice to the browser.
	Certificates Certificates
	// Fingerprint is the fingerprint that a headless browser reports; zero for the
	// browser's own.
	Fingerprint entra.Fingerprint
	// Blocked reports whether a background request must not be sent. It may be nil.
	Blocked func(address string) bool
	Log     *slog.Logger
}

// startLimit is the time that a browser may take to start.
const startLimit = 30 * time.Second

// Browser is a running browser with one tab.
type Browser struct {
	page    *page
	cancel  context.CancelFunc
	cmd     *exec.Cmd
	profile *profile
	once    sync.Once
	err     error
}

// Launch starts a browser with a separate profile that only this user can read. It
// controls the browser over a pipe, because other processes could connect to a debugging
// port. The caller must close the browser.
func Launch(ctx context.Context, o Options) (*Browser, error) {
	coredump.Disable() // its memory will hold the password
	dir, err := profileFor(o)
	if err != nil {
		return nil, err
	}
	b := &Browser{profile: dir}
	var output tail
	allocator, stopAllocator := chromedp.NewExecAllocator(context.WithoutCancel(ctx), b.flags(o, &output)...)
	tab, stopTab := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	b.cancel = func() { stopTab(); stopAllocator() }
	stop := context.AfterFunc(ctx, b.cancel)
	timeout := time.AfterFunc(startLimit, b.cancel)
	err = chromedp.Do(tab)
	if err == nil {
		b.page, err = newPage(tab, o)
	}
	stop()
	timedOut := !timeout.Stop()
	if err != nil {
		_ = b.Close()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case timedOut: // err would say that the user interrupted it
			err = fmt.Errorf("timed out after %s", startLimit)
		}
		return nil, startFault(o, err, output.String(), os.Geteuid() == 0)
	}
	return b, nil
}

// environ returns the environment of the browser.
func (b *Browser) environ(o Options) []string {
	environ := Scrub(o.Environ)
	if scratch := b.profile.scratch(); scratch != "" {
		environ = append(environ, "TMPDIR="+scratch)
	}
	return environ
}

var (
	always = []string{
		"no-first-run", "no-default-browser-check", "disable-sync", "disable-quic", "disable-domain-reliability",
		"disable-breakpad", "disable-client-side-phishing-detection", "metrics-recording-only", "disable-dev-shm-usage",
		"disable-save-password-bubble",
	}
	// bare must not be used for persistent profiles: extensions that prove a managed
	// device are installed by policy and need updates, and the cookies are encrypted with
	// a key in the system's keychain.
	bare = []string{
		"disable-background-networking", "disable-component-update", "disable-extensions", "disable-default-apps",
		"use-mock-keychain",
	}
)

// flags returns the command line. The sandbox stays on: chromedp would disable it
// for root.
func (b *Browser) flags(o Options, output *tail) []chromedp.ExecAllocatorOption {
	flags := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(o.Path),
		chromedp.UserDataDir(b.profile.dir),
		chromedp.CombinedOutput(output),
		chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) {
			b.cmd = cmd
			ownGroup(cmd)
		}),
		chromedp.NoInheritEnv, // otherwise it would add the environment of this process, including secrets
		chromedp.Env(b.environ(o)...),
		chromedp.Flag("no-sandbox", false),
		chromedp.Flag(
			"disable-features",
			"Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,AutofillServerCommunication,"+
				"CertificateTransparencyComponentUpdater",
		),
	}
	names := always
	if o.Keep == "" {
		names = slices.Concat(always, bare)
		flags = append(flags, chromedp.Flag("password-store", "basic"))
	}
	for _, name := range names {
		flags = append(flags, chromedp.Flag(name, true))
	}
	if !o.Visible {
		flags = append(
			flags, chromedp.Flag("headless", "new"), chromedp.Flag("disable-gpu", true),
			chromedp.Flag("mute-audio", true), chromedp.Flag("deny-permission-prompts", true),
		)
	}
	if o.ProxyURL != "" {
		flags = append(flags, chromedp.Flag("proxy-server", o.ProxyURL))
	}
	if o.ProxyBypass != "" {
		flags = append(flags, chromedp.Flag("proxy-bypass-list", o.ProxyBypass))
	}
	if len(o.TrustedSPKI) > 0 {
		flags = append(flags, chromedp.Flag("ignore-certificate-errors-spki-list", strings.Join(o.TrustedSPKI, ",")))
	}
	return append(flags, given(o)...)
}

// given returns the arguments that the user has configured.
func given(o Options) []chromedp.ExecAllocatorOption {
	var flags []chromedp.ExecAllocatorOption
	for _, arg := range o.Args {
		name, value, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if name == "no-sandbox" {
			level := slog.LevelWarn
			if os.Geteuid() == 0 {
				level = slog.LevelInfo // root has no alternative
			}
			o.Log.Log(
				context.Background(), level,
				"the browser runs without its sandbox, as o365aws_browser_args or O365AWS_BROWSER_ARGS say",
			)
		}
		if hasValue {
			flags = append(flags, chromedp.Flag(name, value))
		} else {
			flags = append(flags, chromedp.Flag(name, true))
		}
	}
	return flags
}

func startFault(o Options, err error, output string, root bool) error {
	f := fault.Wrap(fault.Browser, err, fmt.Sprintf("%s did not start", o.Path))
	if strings.Contains(output, "no-sandbox") || strings.Contains(err.Error(), "no-sandbox") {
		f.Err = nil
		if root {
			f.Msg += ": it refuses to run as root with its sandbox on"
			f = f.Hint("run o365aws as an ordinary user")
		} else {
			f.Msg += ": its sandbox needs user namespaces, which are not allowed here"
			f = f.Hint("allow them (sysctl kernel.unprivileged_userns_clone=1, an AppArmor profile for the browser, " +
				"docker run --security-opt seccomp=…)").
				Hint("or, outside containers, install the sandbox that needs none: chromium-sandbox on Debian")
		}
		return f.Hint("or, in a container, turn the sandbox off: O365AWS_BROWSER_ARGS=--no-sandbox")
	}
	return f.Hint("try it by hand: %s --headless --dump-dom about:blank", o.Path).
		Hint("name another one: o365aws_browser_path in the profile, or O365AWS_BROWSER_PATH")
}

// Page returns the tab.
func (b *Browser) Page() entra.Page { return b.page }

// PID returns the process ID of the browser.
func (b *Browser) PID() int { return b.cmd.Process.Pid }

// Close ends the browser, including all of its processes, and removes its profile. It may
// be called more than once.
func (b *Browser) Close() error {
	b.once.Do(func() {
		if b.cmd != nil && b.cmd.Process != nil {
			endGroup(b.cmd.Process.Pid)
		}
		b.cancel()
		b.err = b.profile.remove()
	})
	return b.err
}

// tail stores the end of the output of a browser.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buf.Len() > 64<<10 {
		t.buf.Reset()
	}
	return t.buf.Write(p)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}
