package browser

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/secret"
	"github.com/o365aws/o365aws/internal/testenv"
)

const host = "login.microsoftonline.com"

// nasty contains every printable ASCII character and a selection of other Unicode
// characters.
const nasty = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~09azAZ äß€ñ漢字 עברית 🙂 e\u0301"

// site serves handler for every host name, and returns the browser flags that direct all
// requests to it.
func site(t *testing.T, handler http.Handler) []string {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(server.Certificate().RawSubjectPublicKeyInfo)
	return []string{
		"--host-resolver-rules=MAP * 127.0.0.1:" + u.Port(),
		"spki=" + base64.StdEncoding.EncodeToString(sum[:]),
	}
}

// start launches the browser. As root, Chromium requires --no-sandbox, which the test
// sets; the program never does.
func start(t *testing.T, args []string, options ...func(*Options)) *Browser {
	t.Helper()
	testenv.Needs(t, "Chromium")
	path, err := Find(os.Getenv("O365AWS_BROWSER_PATH"), false, os.Getenv)
	if err != nil {
		t.Fatal(err) // a machine without a browser cannot run these tests
	}
	o := Options{
		Path: path, StateDir: t.TempDir(), Environ: os.Environ(),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if testing.Verbose() {
		o.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	for _, arg := range args {
		if spki, ok := strings.CutPrefix(arg, "spki="); ok {
			o.TrustedSPKI = append(o.TrustedSPKI, spki)
		} else {
			o.Args = append(o.Args, arg)
		}
	}
	if os.Geteuid() == 0 {
		o.Args = append(o.Args, "--no-sandbox")
	}
	for _, set := range options {
		set(&o)
	}
	b, err := Launch(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		left, _ := filepath.Glob(filepath.Join(o.StateDir, "*"))
		if len(left) > 0 || running(o.StateDir) > 0 {
			t.Errorf("left behind: %v, %d processes", left, running(o.StateDir))
		}
	})
	return b
}

// running returns the number of processes with dir in their command line.
func running(dir string) int {
	count := 0
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range lines {
		if line, err := os.ReadFile(name); err == nil && strings.Contains(string(line), dir) {
			count++
		}
	}
	return count
}

// patience is the limit for every wait. It is generous because the machine may be busy.
const patience = 90 * time.Second

func waitFor(t *testing.T, p entra.Page, what string, ok func(entra.Snapshot) bool) entra.Snapshot {
	t.Helper()
	deadline := time.After(patience)
	for {
		snap, err := p.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if ok(snap) {
			return snap
		}
		select {
		case <-p.Changed():
		case <-time.After(100 * time.Millisecond):
		case <-deadline:
			t.Fatalf("no %s: %+v", what, snap)
		}
	}
}

// The skip address of a page must be on the same host. An invalid one does not affect the
// rest of the snapshot.
func TestSkipLink(t *testing.T) {
	args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		link, _ := url.QueryUnescape(r.URL.RawQuery)
		fmt.Fprintf(
			w,
			`<body>x<script>$Config = {iRemainingDaysToSkipMfaRegistration: 3, urlSkipMfaRegistration: %q}</script>`,
			link,
		)
	}))
	p := start(t, args).Page()
	for link, want := range map[string]string{
		"/skip?x=1": "https://" + host + "/skip?x=1", "https://evil.example/skip": "", "http://[": "", "javascript:alert(1)": "",
	} {
		address := "/" + hex.EncodeToString([]byte(link))
		if err := p.Navigate(t.Context(), "https://"+host+address+"?"+url.QueryEscape(link)); err != nil {
			t.Fatal(err)
		}
		snap := waitFor(
			t, p, "page for "+link,
			func(s entra.Snapshot) bool { return s.Ready && strings.HasSuffix(s.URL, address) },
		)
		if snap.Skip != want {
			t.Errorf("%s: %q", link, snap.Skip)
		}
	}
}

// Every character is typed, and an assertion of any size is captured before it leaves the
// browser.
func TestFillAndCapture(t *testing.T) {
	big := strings.Repeat("QUJD+/", 40_000)
	var typed atomic.Value
	var reached atomic.Int32
	args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Host == awsHost:
			reached.Add(1)
		case r.Host == host && r.Method == http.MethodPost:
			typed.Store(r.FormValue("passwd"))
			fmt.Fprintf(
				w,
				`<form method=post action="https://signin.aws.amazon.com/saml"><input type=hidden name=SAMLResponse value="%s"></form><script>document.forms[0].submit()</script>`,
				big,
			)
		default:
			fmt.Fprint(
				w,
				`<body><form method=post accept-charset=utf-8><input type=password class=moveOffScreen name=passwd style="position:fixed;opacity:0" disabled><input type=password name=passwd id=i0118><input type=submit id=idSIButton9></form>`,
			)
		}
	}))
	p := start(t, args).Page()
	if err := p.Navigate(t.Context(), "https://"+host+"/x?SAMLRequest=y"); err != nil {
		t.Fatal(err)
	}
	snap := waitFor(t, p, "password", func(s entra.Snapshot) bool { return s.Ready && s.Shows("i0118") })
	if !snap.Secure || snap.Host != host || strings.Contains(snap.URL, "SAMLRequest") {
		t.Errorf("snapshot %+v", snap)
	}
	if _, err := p.Fill(t.Context(), "input[name=passwd]", secret.New(nasty), []string{host}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Click(t.Context(), "#idSIButton9", 0); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-p.Captured():
		if got.Reveal() != big {
			t.Errorf("captured %d characters, want %d", got.Len(), len(big))
		}
	case <-time.After(patience):
		t.Fatal("nothing captured")
	}
	if typed.Load() != nasty {
		t.Errorf("typed %q", typed.Load())
	}
	waitFor(t, p, "end of the request to AWS", func(s entra.Snapshot) bool { return s.Document != 0 && s.Awaits == "" })
	if reached.Load() != 0 {
		t.Error("the assertion reached AWS")
	}
}

// Nothing is typed on a page whose host is not allowed.
func TestFillRefusesForeignHosts(t *testing.T) {
	var got atomic.Value
	got.Store("")
	args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v := r.FormValue("v"); v != "" {
			got.Store(v)
		}
		fmt.Fprint(w, `<body><input type=password id=i0118 oninput="fetch('/?v='+encodeURIComponent(this.value))">`)
	}))
	for _, address := range []string{"https://" + host + ".evil.example/", "https://evil.example/"} {
		p := start(t, args).Page()
		if err := p.Navigate(t.Context(), address); err != nil {
			t.Fatal(err)
		}
		waitFor(t, p, "page", func(s entra.Snapshot) bool { return s.Ready && s.Shows("i0118") })
		_, err := p.Fill(t.Context(), "#i0118", secret.New("canary"), []string{host})
		if _, ok := err.(*entra.WrongHostError); !ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	if got.Load() != "" {
		t.Error("it was typed")
	}
}

// Nothing is typed on a page without TLS, even if its host is allowed.
func TestFillRefusesHTTP(t *testing.T) {
	const own = "fs.contoso.example"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<body><input type=password id=passwordInput>`)
	}))
	defer server.Close()
	p := start(t, []string{"--host-resolver-rules=MAP * " + server.Listener.Addr().String()}).Page()
	if err := p.Navigate(t.Context(), "http://"+own+"/"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, p, "page", func(s entra.Snapshot) bool { return s.Ready && s.Shows("passwordInput") })
	done, err := p.Fill(t.Context(), "#passwordInput", secret.New("canary"), []string{own})
	var wrong *entra.WrongHostError
	if done || !errors.As(err, &wrong) {
		t.Errorf("got %v, %v; want a WrongHostError", done, err)
	}
}

// A page cannot impersonate Microsoft's by replacing JavaScript functions: the snapshot
// has its real host, and nothing is typed on it.
func TestFillIgnoresPageScripts(t *testing.T) {
	var got atomic.Value
	got.Store("")
	args := site(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v := r.FormValue("v"); v != "" {
			got.Store(v)
		}
		fmt.Fprint(
			w,
			`<body><input type=password id=i0118 oninput="fetch('/?v='+encodeURIComponent(this.value))"><script>
			String.prototype.toLowerCase = () => "`+host+`";
			Array.prototype.includes = () => true;
			window.$Config = { pgid: "ConvergedSignIn" };
		</script>`,
		)
	}))
	p := start(t, args).Page()
	if err := p.Navigate(t.Context(), "https://evil.example/"); err != nil {
		t.Fatal(err)
	}
	snap := waitFor(t, p, "page", func(s entra.Snapshot) bool { return s.Ready && s.Shows("i0118") && s.PageID != "" })
	if snap.Host != "evil.example" || snap.URL != "https://evil.example" {
		t.Errorf("the page is seen at %s, %s", snap.Host, snap.URL)
	}
	var wrong *entra.WrongHostError
	if _, err := p.Fill(t.Context(), "#i0118", secret.New("canary"), []string{host}); !errors.As(err, &wrong) ||
		wrong.Host != "evil.example" {
		t.Errorf("fill: %v", err)
	}
	if got.Load() != "" {
		t.Errorf("%q was typed", got.Load())
	}
}

// An untrusted certificate leads to the browser's own error page.
func TestCertificateError(t *testing.T) {
	args := site(
		t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<input id=i0118>") }),
	)
	p := start(t, args[:1]).Page()
	if err := p.Navigate(t.Context(), "https://"+host+"/"); err != nil {
		t.Fatal(err)
	}
	snap := waitFor(t, p, "error page", func(s entra.Snapshot) bool { return s.Host == "chromewebdata" })
	if snap.Secure || !strings.HasPrefix(snap.ErrorCode, "ERR_CERT") {
		t.Errorf("snapshot %+v", snap)
	}
}

// A killed browser is reported immediately, and not as an interruption by the
// user.
func TestKilledBrowser(t *testing.T) {
	b := start(t, nil)
	endGroup(b.PID())
	select {
	case <-b.Page().Gone():
	case <-time.After(patience):
		t.Fatal("the end of the browser was not reported")
	}
	if _, err := b.Page().Snapshot(t.Context()); err == nil || err == context.Canceled {
		t.Errorf("got %v", err)
	}
}

// BenchmarkColdStart measures a browser from launch to an empty page and close.
func BenchmarkColdStart(b *testing.B) {
	path, err := Find(os.Getenv("O365AWS_BROWSER_PATH"), false, os.Getenv)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		o := Options{Path: path, StateDir: b.TempDir(), Environ: os.Environ(), Log: slog.New(slog.DiscardHandler)}
		if os.Geteuid() == 0 {
			o.Args = []string{"--no-sandbox"}
		}
		started, err := Launch(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		if err := started.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
